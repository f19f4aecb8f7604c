import { accessLog } from './access-log/access-log.js'
import { addressLists } from './address-lists/address-lists.js'
import { affinity } from './affinity/affinity.js'
import { basicAuth } from './basic-auth/basic-auth.js'
import { balancing } from './balancing/balancing.js'
import { canary } from './canary/canary.js'
import { clientCertificates } from './client-certificates/client-certificates.js'
import type { Family } from './declare.js'
import { errors } from './errors/errors.js'
import { connectionHeader } from './connection-header/connection-header.js'
import { cors } from './cors/cors.js'
import { customHeaders } from './custom-headers/custom-headers.js'
import { externalAuth } from './external-auth/external-auth.js'
import { hostDelegates } from './host-delegates/host-delegates.js'
import { limits } from './limits/limits.js'
import { otherNames } from './other-names/other-names.js'
import { push } from './push/push.js'
import { mirror } from './mirror/mirror.js'
import { bodies } from './bodies/bodies.js'
import { locations } from './locations/locations.js'
import { protocols } from './protocols/protocols.js'
import { redirects } from './redirects/redirects.js'
import { release } from './release/release.js'
import { snippets } from './snippets/snippets.js'
import { satisfy } from './satisfy/satisfy.js'
import { rewrite } from './rewrite/rewrite.js'
import { passthrough } from './passthrough/passthrough.js'
import { tls } from './tls/tls.js'
import { tracing } from './tracing/tracing.js'
import { throttle } from './throttle/throttle.js'
import { upstreamVhost } from './upstream-vhost/upstream-vhost.js'
import { requestHeaders } from './request-headers/request-headers.js'
import { retries } from './retries/retries.js'
import { waf } from './waf/waf.js'
import { timeouts } from './timeouts/timeouts.js'

/** Every family that this version serves, unordered; `edge/order.ts` says when each has its turn. */
export const families: readonly Family[] = [
  accessLog,
  addressLists,
  affinity,
  balancing,
  basicAuth,
  canary,
  clientCertificates,
  connectionHeader,
  cors,
  customHeaders,
  externalAuth,
  hostDelegates,
  limits,
  mirror,
  otherNames,
  push,
  redirects,
  release,
  requestHeaders,
  rewrite,
  satisfy,
  snippets,
  throttle,
  tracing,
  passthrough,
  tls,
  upstreamVhost,
  bodies,
  timeouts,
  waf,
  retries,
  locations,
  protocols,
  errors,
]
