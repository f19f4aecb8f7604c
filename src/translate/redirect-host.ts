import type { HostDocument } from '../model/documents.js'
import { hostKey } from '../model/keys.js'
import { certificatesOf, type HostCell, type HostInput } from './host.js'

/** A host that is only a way to another one (RED-6). `previous` is kept if nothing changed. */
export function createRedirectHost(input: HostInput, to: string, previous: HostCell | undefined): HostCell {
  const document: HostDocument = {
    name: input.name,
    paths: { kind: 'literal', exact: {}, prefix: {}, lengths: [] },
    // Never asked for: the redirect is of the whole host.
    root: { path: '/', match: 'implicit', action: { kind: 'answer', status: 404, label: '' } },
    ...certificatesOf(input),
    features: { www: { to, status: input.httpsRedirects.status } },
  }
  if (previous !== undefined && JSON.stringify(previous.document) === JSON.stringify(document)) return previous
  const nothing = { origins: new Map(), shadowed: [], problems: [], open: [], unjudged: [] }
  return { tableKey: hostKey(input.name), input, document, ...nothing }
}
