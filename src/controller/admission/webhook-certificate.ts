import { X509Certificate } from 'node:crypto'
import type { CallFailure, KubernetesClient } from '../../kubernetes/client.js'
import { isMapping } from '../../snapshot/fields.js'
import { createSelfSigned } from '../self-signed.js'

export interface WebhookCertificateRequest {
  readonly namespace: string
  /** Secret with the keys `ca`, `cert` and `key`, as the charts of ingress-nginx mount it. */
  readonly secret: string
  /** ValidatingWebhookConfiguration whose webhooks shall trust it. */
  readonly webhook: string
  /** DNS names by which the API server calls: `service.namespace.svc`. */
  readonly names: readonly string[]
  /** Milliseconds since the epoch. */
  readonly now: number
}

export type Kept =
  | { readonly ok: true; readonly done: readonly string[] }
  | { readonly ok: false; readonly message: string }

const DAYS = 3650
const RENEW_MILLISECONDS = 365 * 86_400_000

interface Pair {
  readonly certificate: string
  readonly key: string
}

type Reading =
  | { readonly ok: true; readonly pair: Pair; readonly done: readonly string[] }
  | { readonly ok: false; readonly message: string }

/**
 * Sees to it that the Secret holds a certificate for `names` that is good for another year, and that the webhooks trust it.
 * The certificate vouches for itself, so it is its own authority. What is right already is not written again.
 */
export async function keepWebhookCertificate(
  client: KubernetesClient,
  request: WebhookCertificateRequest,
): Promise<Kept> {
  const secret = await keepSecret(client, request)
  if (!secret.ok) return secret
  return trust(client, request, secret.pair.certificate, secret.done)
}

async function keepSecret(client: KubernetesClient, request: WebhookCertificateRequest): Promise<Reading> {
  const { namespace, secret, names, now } = request
  const folder = `/api/v1/namespaces/${namespace}/secrets`
  const found = await client.call({ method: 'GET', path: `${folder}/${secret}` })
  if (!found.ok && found.status !== 404) return failed(`Secret ${namespace}/${secret} cannot be read`, found)
  const known = found.ok ? readPair(found.body) : undefined
  if (known !== undefined && isGood(known, request)) return { ok: true, pair: known, done: [] }
  const pair = createSelfSigned({ commonName: names[0] ?? 'webhook', organization: 'fairlead', names, days: DAYS, now })
  const body = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { namespace, name: secret },
    data: { ca: toBase64(pair.certificate), cert: toBase64(pair.certificate), key: toBase64(pair.key) },
  }
  const written = found.ok
    ? await client.call({
        method: 'PATCH',
        path: `${folder}/${secret}`,
        body,
        contentType: 'application/merge-patch+json',
      })
    : await client.call({ method: 'POST', path: folder, body })
  // Somebody was quicker; theirs is read.
  if (!written.ok && written.status === 409) return keepSecret(client, request)
  if (!written.ok) return failed(`Secret ${namespace}/${secret} cannot be written`, written)
  return { ok: true, pair, done: [`Secret ${namespace}/${secret} has a new certificate for ${names.join(', ')}`] }
}

function readPair(secret: unknown): Pair | undefined {
  const data = isMapping(secret) && isMapping(secret['data']) ? secret['data'] : {}
  const { cert, key } = data
  if (typeof cert !== 'string' || typeof key !== 'string') return undefined
  return { certificate: fromBase64(cert), key: fromBase64(key) }
}

function isGood({ certificate, key }: Pair, { names, now }: WebhookCertificateRequest): boolean {
  try {
    const parsed = new X509Certificate(certificate)
    const lives = Date.parse(parsed.validTo) - now > RENEW_MILLISECONDS
    return lives && key.includes('PRIVATE KEY') && names.every((name) => parsed.checkHost(name) !== undefined)
  } catch {
    return false
  }
}

async function trust(
  client: KubernetesClient,
  { webhook }: WebhookCertificateRequest,
  certificate: string,
  done: readonly string[],
): Promise<Kept> {
  const path = `/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/${webhook}`
  const found = await client.call({ method: 'GET', path })
  if (!found.ok) return failed(`ValidatingWebhookConfiguration ${webhook} cannot be read`, found)
  const bundle = toBase64(certificate)
  const hooks: readonly unknown[] =
    isMapping(found.body) && Array.isArray(found.body['webhooks']) ? found.body['webhooks'] : []
  const patch = hooks.flatMap((hook, index) =>
    isMapping(hook) && isMapping(hook['clientConfig']) && hook['clientConfig']['caBundle'] !== bundle
      ? [{ op: 'add', path: `/webhooks/${index}/clientConfig/caBundle`, value: bundle }]
      : [],
  )
  if (patch.length === 0) return { ok: true, done }
  const written = await client.call({ method: 'PATCH', path, body: patch, contentType: 'application/json-patch+json' })
  if (!written.ok) return failed(`ValidatingWebhookConfiguration ${webhook} cannot be written`, written)
  return { ok: true, done: [...done, `ValidatingWebhookConfiguration ${webhook} trusts it`] }
}

function failed(what: string, { status, message }: CallFailure): { readonly ok: false; readonly message: string } {
  const reason = status === 0 ? message : `${status}: ${message}`
  return { ok: false, message: `${what} (${reason}).` }
}

function toBase64(text: string): string {
  return Buffer.from(text).toString('base64')
}

function fromBase64(text: string): string {
  return Buffer.from(text, 'base64').toString()
}
