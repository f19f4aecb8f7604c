import * as ssl from 'ngx.ssl'
import type { Attachment } from '../model/attachment.js'
import type {
  CertificateDocument,
  HostDocument,
  NamesDocument,
  SettingsDocument,
  UpstreamDocument,
} from '../model/documents.js'
import { DEFAULT_HOST } from '../model/keys.js'
import type { Table } from '../model/table.js'
import { prepareRoutes } from '../request/prepare-routes.js'
import { findStepsOfUpstream, type PreparedUpstream } from '../request/route-steps.js'
import { createCache, read } from './cache.js'
import { order } from './order.js'

/** An upstream as a worker holds it: with its own place in the round. */
export interface LiveUpstream extends UpstreamDocument {
  cursor?: number
  /** The second, and how many requests asked for a connection of their own in it. */
  second?: number
  fresh?: number
}

/** A certificate ready for a handshake; parsing it takes a sixth of the time of one. */
export interface ParsedCertificate {
  readonly chain: object
  readonly key: object
  /** DER of an OCSP response, and until when it may be stapled (seconds since the epoch). */
  readonly response: string | undefined
  readonly until: number
}

const hosts = createCache('h:', prepareHost)
const wildcards = createCache('w:', prepareHost)
const namesCache = createCache('n:', (decoded) => decoded as NamesDocument)
/** By the host that an Ingress declares: nothing is kept of the names that match, of which clients can invent any number. */
const patternHosts = createCache('p:', prepareHost)
const upstreams = createCache('u:', prepareUpstream)
const certificates = createCache('c:', parseCertificate)
const attachments = createCache('a:', (decoded) => decoded as Attachment)
const settingsCache = createCache('s:', (decoded) => decoded as SettingsDocument)

const WITHOUT_SETTINGS: SettingsDocument = { strictTransportSecurity: '', tries: 1, maxBodyBytes: 1_048_576 }

/** The table as the deciding functions read it, over shared memory. */
export const table: Table = {
  host: (name) => read(hosts, name),
  wildcard: (parent) => read(wildcards, parent),
  defaultHost: () => read(hosts, DEFAULT_HOST),
  names: () => read(namesCache, 'names'),
  patternHost: (host) => read(patternHosts, host),
  upstream: (key) => read(upstreams, key),
  attachment: (key) => read(attachments, key),
}

export function certificate(key: string): ParsedCertificate | undefined {
  return read(certificates, key)
}

export function settings(): SettingsDocument {
  return read(settingsCache, 'settings') ?? WITHOUT_SETTINGS
}

/** Which steps its routes use is found here, once, and not by requests. */
function prepareHost(decoded: unknown): HostDocument {
  const host = decoded as HostDocument
  prepareRoutes(host, order)
  return host
}

function prepareUpstream(decoded: unknown): LiveUpstream {
  const upstream = decoded as LiveUpstream & PreparedUpstream
  if (upstream.features !== undefined) upstream.steps = findStepsOfUpstream(order, upstream)
  return upstream
}

function parseCertificate(decoded: unknown): ParsedCertificate | undefined {
  const document = decoded as CertificateDocument
  const [chain] = ssl.parse_pem_cert(document.chain)
  const [key] = ssl.parse_pem_priv_key(document.key)
  const { response, until = 0 } = document.staple ?? {}
  if (chain === undefined || key === undefined) return undefined
  return { chain, key, response: response === undefined ? undefined : ngx.decode_base64(response), until }
}
