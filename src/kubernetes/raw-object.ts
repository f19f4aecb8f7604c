/** What a reflector reads of an object; the rest is for `project`. */
export interface Identity {
  /** '' for what has none. */
  readonly namespace: string
  readonly name: string
  readonly version: string
}

type Mapping = Readonly<Record<string, unknown>>

/** undefined: it is no object of Kubernetes. */
export function identityOf(raw: unknown): Identity | undefined {
  const metadata = metadataOf(raw)
  const name = metadata?.['name']
  const namespace = metadata?.['namespace']
  const version = metadata?.['resourceVersion']
  if (typeof name !== 'string' || name === '') return undefined
  return {
    namespace: typeof namespace === 'string' ? namespace : '',
    name,
    version: typeof version === 'string' ? version : '',
  }
}

export function metadataOf(raw: unknown): Mapping | undefined {
  return isMapping(raw) && isMapping(raw['metadata']) ? raw['metadata'] : undefined
}

export function isMapping(raw: unknown): raw is Mapping {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw)
}
