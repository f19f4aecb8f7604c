import type { KeyValues } from './declare.js'
import { backends } from './keys/backends.js'
import { blocked } from './keys/blocked.js'
import { clientAddress } from './keys/client-address.js'
import { clients } from './keys/clients.js'
import { headers } from './keys/headers.js'
import { https } from './keys/https.js'
import { limits } from './keys/limits.js'
import { logging } from './keys/logging.js'
import { modules } from './keys/modules.js'
import { policy } from './keys/policy.js'
import { responses } from './keys/responses.js'
import { statusPage } from './keys/status-page.js'
import { tracingKeys } from './keys/tracing.js'
import { streams } from './keys/streams.js'
import { workers } from './keys/workers.js'

/** Every key of the main ConfigMap that is not the default of an annotation (`features/defaults.ts`), by group. */
export const groups = {
  'Security policy': policy,
  'Clients that are refused': blocked,
  "NGINX's counters": statusPage,
  'Connections of clients': clients,
  'Connections to backends': backends,
  'Addresses of clients': clientAddress,
  Headers: headers,
  HTTPS: https,
  Answers: responses,
  Limits: limits,
  Logging: logging,
  Spans: tracingKeys,
  'TCP and UDP services': streams,
  'Workers and sizes': workers,
  'Modules and what is no more': modules,
} as const

/** The same in one object, by key. */
export const keys = {
  ...policy,
  ...blocked,
  ...statusPage,
  ...clients,
  ...backends,
  ...clientAddress,
  ...headers,
  ...https,
  ...responses,
  ...limits,
  ...logging,
  ...tracingKeys,
  ...streams,
  ...workers,
  ...modules,
}

/** What was read of them: absent and unreadable values are undefined. */
export type Values = KeyValues<typeof keys>
