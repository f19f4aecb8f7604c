import type { ServiceProblem } from '../provider.js'
import type { ServiceView } from '../views.js'
import type { Kind } from './kinds.js'

/** One annotation: reading, messages and the reference are made from here. */
export interface Declared<T> {
  readonly kind: Kind<T>
  /** A sentence: what it does. */
  readonly doc: string
  /** What holds without it, in words; `-` where there is nothing. */
  readonly fallback: string
  /** It has this whole name; absent: its name follows the prefix. */
  readonly name?: string
}

export type Declarations = Readonly<Record<string, Declared<unknown>>>

/** What was read: absent and unreadable values are undefined. */
export type Values<D extends Declarations> = {
  readonly [Name in keyof D]: D[Name] extends Declared<infer T> ? T | undefined : never
}

export const PREFIX = 'service.beta.kubernetes.io/alibaba-cloud-loadbalancer-'
const OLDER_PREFIX = 'service.beta.kubernetes.io/alicloud-loadbalancer-'

export function declare<const D extends Declarations>(declarations: D): D {
  return declarations
}

/** The annotation as users write it. */
export function nameOf(key: string, { name }: Declared<unknown>): string {
  return name ?? `${PREFIX}${key}`
}

/**
 * The values of a Service; a problem for each that cannot be read, and for each annotation with our prefix that there is not.
 * Of the two prefixes the newer wins.
 */
export function readAnnotations<D extends Declarations>(
  declarations: D,
  { annotations }: Pick<ServiceView, 'annotations'>,
): { readonly values: Values<D>; readonly problems: readonly ServiceProblem[] } {
  const problems: ServiceProblem[] = []
  const values: Record<string, unknown> = {}
  for (const [key, declared] of Object.entries(declarations)) {
    const name = nameOf(key, declared)
    const older = `${OLDER_PREFIX}${key}`
    const found = Object.hasOwn(annotations, name)
      ? name
      : declared.name === undefined && Object.hasOwn(annotations, older)
        ? older
        : ''
    const text = found === '' ? undefined : annotations[found]
    if (text === undefined) continue
    const value = declared.kind.parse(text)
    if (value === undefined) problems.push(badValue(found, text, declared.kind.form))
    else values[key] = value
  }
  for (const name of Object.keys(annotations)) {
    const key = [PREFIX, OLDER_PREFIX].find((prefix) => name.startsWith(prefix))
    if (key === undefined || Object.hasOwn(declarations, name.slice(key.length))) continue
    problems.push({
      severity: 'warning',
      reason: 'FeatureNotSupported',
      field: fieldOf(name),
      message: `There is no annotation ${name} for this kind of load balancer; it changes nothing.`,
    })
  }
  // Each key was read by its own kind; the mapped type says which.
  return { values: values as Values<D>, problems }
}

export function fieldOf(name: string): string {
  return `metadata.annotations[${JSON.stringify(name)}]`
}

function badValue(name: string, text: string, form: string): ServiceProblem {
  const shown = JSON.stringify(text.length > 100 ? `${text.slice(0, 97)}...` : text)
  const message = `The value ${shown} of the annotation ${name} is not allowed: it has to be ${form}. Until it is put right nothing but backends is changed.`
  return { severity: 'error', field: fieldOf(name), message }
}
