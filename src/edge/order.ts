import { allowed, denied } from '../features/address-lists/edge.js'
import { affinity, sessionCookie } from '../features/affinity/edge.js'
import { balancing } from '../features/balancing/edge.js'
import { basic, digest, stripBasic, stripDigest } from '../features/basic-auth/edge.js'
import { canary } from '../features/canary/edge.js'
import { clients, forbidden } from '../features/client-certificates/edge.js'
import { connectionHeader } from '../features/connection-header/edge.js'
import { corsHeaders, corsPreflight } from '../features/cors/edge.js'
import { awaitErrors } from '../features/errors/edge.js'
import { setCustomHeaders } from '../features/custom-headers/edge.js'
import { authCookies, externalAuth } from '../features/external-auth/edge.js'
import { limits, releaseConnection } from '../features/limits/edge.js'
import { chooseMirrors, sendMirrors } from '../features/mirror/edge.js'
import { rewriting } from '../features/locations/edge.js'
import { wwwRedirect } from '../features/other-names/edge.js'
import { passthrough } from '../features/passthrough/edge.js'
import { redirect } from '../features/redirects/edge.js'
import { requestHeaders } from '../features/request-headers/edge.js'
import { release, releaseCookie } from '../features/release/edge.js'
import { appRoot, forwardedPrefix, rewrite } from '../features/rewrite/edge.js'
import { beginSpan } from '../features/tracing/edge.js'
import { upstreamVhost } from '../features/upstream-vhost/edge.js'
import { throttle } from '../features/throttle/edge.js'
import { inspected } from '../features/waf/edge.js'
import type { Order } from '../request/step.js'

/**
 * The order in which a request meets the features (annotations.md section 0.4), in one place. Between `path` and
 * `endpoint` come the redirect to HTTPS and the answer of an upstream without endpoints; `decide` makes these itself.
 *
 * This list is shared code: `explain` walks it too.
 */
export const order: Order = {
  host: [
    // Before anything else of a host is shown (section 0.4, step 3).
    passthrough,
    forbidden,
    clients,
    // Hosts that are only a way to another one.
    wwwRedirect,
    // Before everything that a path has to say (RW-5).
    appRoot,
  ],
  path: [
    // A preflight request carries no credentials and may not be redirected (COR-5).
    corsPreflight,
    // Redirects are given without access checks and before the redirect to HTTPS (RED-4, GEN-20).
    redirect,
    // After redirects, which then name what the client asked for; a target that is a URL is given before HTTPS (RW-3).
    rewrite,
  ],
  endpoint: [
    // Two Services of one path go before a canary (ack.md section 3.1).
    release,
    // Path settings are those of the main Ingress, whoever serves (CAN-14).
    canary,
  ],
  choice: [
    // A session goes before every other way to choose (AFF-11, LB-1).
    affinity,
    balancing,
  ],
  entry: [
    // Before all that may refuse a request, or ask somebody else about it: that is part of its trace.
    beginSpan,
    // Before access checks: also clients that a list would refuse are counted (GEN-20).
    limits,
    denied,
    // Nobody gets a request that should have been inspected and cannot be.
    inspected,
  ],
  access: [
    // Before what costs more.
    allowed,
    basic,
    digest,
    // A question to somebody else is the dearest check, and not asked for whom the others refuse.
    externalAuth,
  ],
  proxy: [
    // While the client's login is still there, which a variable may name.
    requestHeaders,
    // After all checks of access, which may look at it too; before copies, which are not to have it either.
    stripBasic,
    stripDigest,
    // Only what is let through is copied.
    chooseMirrors,
    throttle,
    forwardedPrefix,
    upstreamVhost,
    connectionHeader,
    // What answers may be replaced is known here; what a step before refused, `route` itself replaces.
    awaitErrors,
  ],
  end: [releaseConnection, sendMirrors],
  response: [
    // What the backend wrote is put right before other families look at it or add to it.
    rewriting,
    sessionCookie,
    releaseCookie,
    authCookies,
    corsHeaders,
    // What a ConfigMap says in so many words goes last, and so before everything else (HDR-1).
    setCustomHeaders,
  ],
}
