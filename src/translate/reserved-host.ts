import { RESERVED_HOST } from '../model/host.js'
import { DEFAULT_CERTIFICATE, hostKey, wildcardKey } from '../model/keys.js'
import type { HostDocument } from '../model/documents.js'
import type { HostCell, HostInput } from './host.js'

/**
 * A host of an owner that no Ingress may be served for, or none asks for: it answers like what nobody declares, and takes its
 * name away from wildcards, patterns and the default server, which may be others'.
 */
export function createReservedHost(input: HostInput, previous: HostCell | undefined): HostCell {
  if (previous?.document.reserved === true) return previous

  const { name } = input
  const document: HostDocument = { ...RESERVED_HOST, name, certificate: DEFAULT_CERTIFICATE }
  const tableKey = name.startsWith('*.') ? wildcardKey(name.slice(2)) : hostKey(name)
  return { tableKey, input, document, origins: new Map(), shadowed: [], problems: [], open: [], unjudged: [] }
}
