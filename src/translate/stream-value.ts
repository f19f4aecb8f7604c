/** An entry of the ConfigMap of TCP or UDP services (L4-1, L4-2). */
export interface StreamValue {
  readonly ok: true
  readonly namespace: string
  readonly name: string
  /** Number or name. */
  readonly port: string
  readonly fromProxy: boolean
  readonly toProxy: boolean
  /** What of it has no effect, as a sentence. */
  readonly ignored?: string
}

const FORM = 'NAMESPACE/SERVICE:PORT'
const NAME = '[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?'
const VALUE = new RegExp(`^(${NAME})/(${NAME}):(\\d{1,5}|[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)((?::[^:]*){0,2})$`)

/** Reads `ns/service:port[:PROXY[:PROXY]]`, PROXY in any case: the first of clients, the second to endpoints. */
export function readStreamValue(
  text: string,
  protocol: 'tcp' | 'udp',
): StreamValue | { readonly ok: false; readonly message: string } {
  const [, namespace = '', name = '', port = '', rest = ''] = VALUE.exec(text.trim()) ?? []
  const words = rest.split(':').slice(1)
  if (port === '' || words.some((word) => word !== '' && word.toUpperCase() !== 'PROXY')) {
    const form = protocol === 'tcp' ? `${FORM}, ${FORM}:PROXY or ${FORM}:PROXY:PROXY` : FORM
    return { ok: false, message: `${JSON.stringify(text)} is not ${form}.` }
  }
  const [fromProxy = false, toProxy = false] = words.map((word) => word !== '')
  const value = { ok: true, namespace, name, port } as const
  if (protocol === 'tcp') return { ...value, fromProxy, toProxy }
  const ignored = fromProxy || toProxy ? { ignored: 'PROXY is for TCP only; it has no effect here.' } : {}
  return { ...value, fromProxy: false, toProxy: false, ...ignored }
}
