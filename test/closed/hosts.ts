import { annotated } from '../serve/manifests.js'
import type { Base } from './bases.js'

/** What backends answer: that of the protected path, that of a wider path of the same host, that of a wildcard host. */
export const TEXTS = { kept: 'protected', wide: 'wide', wild: 'wildcard' } as const

export interface Places {
  /** Its `/` is open, as another Ingress says. */
  readonly beside: string
  /** Nothing but a wildcard host would serve its name otherwise. */
  readonly below: string
}

export function placesOf(name: string): Places {
  return { beside: `${name}.wide.test`, below: `${name}.wild.test` }
}

/** The path that strangers are kept out of, on every host. */
export const SECRET_PATH = '/secret'

/**
 * Secrets and the Ingress with these annotations; `certificate` is the Secret of the TLS section, which one of its
 * hosts is in.
 */
export function protectedObjects(
  name: string,
  { annotations, secrets = {} }: Base,
  naming: (text: string) => string,
  certificate?: string,
): readonly object[] {
  const { beside, below } = placesOf(name)
  const named = Object.fromEntries(
    Object.entries(annotations).map(([key, text]) => [key, naming(text.replace('SECRET:', `${name}-`))]),
  )
  return [
    ...Object.entries(secrets).map(([secret, stringData]) => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: `${name}-${secret}`, namespace: 'test' },
      stringData,
    })),
    {
      ...annotated(name, beside, TEXTS.kept, named),
      spec: {
        ingressClassName: 'nginx',
        rules: [ruleOf(beside, SECRET_PATH, TEXTS.kept), ruleOf(below, SECRET_PATH, TEXTS.kept)],
        ...(certificate === undefined ? {} : { tls: [{ hosts: [beside], secretName: certificate }] }),
      },
    },
  ]
}

/**
 * Ingresses that nothing protects: of the same hosts, and of every name below `wild.test`. By their names they come
 * first.
 */
export function openObjects(names: readonly string[]): readonly object[] {
  const chunks = Array.from({ length: Math.ceil(names.length / RULES) }, (_, i) =>
    names.slice(i * RULES, (i + 1) * RULES),
  )
  return [
    annotated('a-wildcard', '*.wild.test', TEXTS.wild, {}),
    ...chunks.map((some, i) => ({
      ...annotated(`a-wide-${i}`, '', TEXTS.wide, {}),
      spec: {
        ingressClassName: 'nginx',
        rules: some.map((name) => ruleOf(placesOf(name).beside, '/', TEXTS.wide)),
      },
    })),
  ]
}

const RULES = 200

function ruleOf(host: string, path: string, backend: string): object {
  const service = { name: backend, port: { number: 80 } }
  return { host, http: { paths: [{ path, pathType: 'Prefix', backend: { service } }] } }
}
