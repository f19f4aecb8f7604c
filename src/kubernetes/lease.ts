/** What a Lease says about who leads. Source: coordination.k8s.io/v1 LeaseSpec. */
export interface LeaseRecord {
  /** Empty: nobody. */
  readonly holder: string
  /** How long others leave it alone after they saw it change; 0 where it does not say. */
  readonly durationSeconds: number
  readonly acquireTime: string
  /** RFC 3339 with microseconds, by the holder's clock. For people, and to make every renewal a change. */
  readonly renewTime: string
  readonly transitions: number
}

/** A Lease as it was read: its record, and the whole object so that a write keeps what it does not know. */
export interface Lease {
  readonly record: LeaseRecord
  readonly resourceVersion: string
  readonly raw: Fields
}

type Fields = Readonly<Record<string, unknown>>

/** Reads an answer of the API server; undefined when it is no Lease. Fields of the wrong type count as absent. */
export function parseLease(raw: unknown): Lease | undefined {
  if (!isFields(raw) || raw['kind'] !== 'Lease' || !isFields(raw['metadata'])) return undefined
  const resourceVersion = text(raw['metadata']['resourceVersion'])
  if (resourceVersion === '') return undefined
  const spec = isFields(raw['spec']) ? raw['spec'] : {}
  const record = {
    holder: text(spec['holderIdentity']),
    durationSeconds: count(spec['leaseDurationSeconds']),
    acquireTime: text(spec['acquireTime']),
    renewTime: text(spec['renewTime']),
    transitions: count(spec['leaseTransitions']),
  }
  return { record, resourceVersion, raw }
}

/** The body of a POST that makes a Lease. */
export function newLease(namespace: string, name: string, record: LeaseRecord): Fields {
  return { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { namespace, name }, spec: specOf(record) }
}

/** The body of a PUT: refused with 409 when somebody else wrote since `lease` was read. */
export function changedLease(lease: Lease, record: LeaseRecord): Fields {
  const spec = isFields(lease.raw['spec']) ? lease.raw['spec'] : {}
  return { ...lease.raw, spec: { ...spec, ...specOf(record) } }
}

/** `2026-01-31T12:00:00.000000Z`: microseconds since the epoch in the form of a Kubernetes MicroTime. */
export function microTime(microseconds: number): string {
  const whole = Math.floor(microseconds / 1000)
  const rest = String(Math.floor(microseconds - whole * 1000)).padStart(3, '0')
  return new Date(whole).toISOString().replace('Z', `${rest}Z`)
}

function specOf({ holder, durationSeconds, acquireTime, renewTime, transitions }: LeaseRecord): Fields {
  return {
    holderIdentity: holder,
    leaseDurationSeconds: durationSeconds,
    acquireTime,
    renewTime,
    leaseTransitions: transitions,
  }
}

function isFields(raw: unknown): raw is Fields {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw)
}

function text(raw: unknown): string {
  return typeof raw === 'string' ? raw : ''
}

function count(raw: unknown): number {
  return typeof raw === 'number' && Number.isFinite(raw) && raw > 0 ? raw : 0
}
