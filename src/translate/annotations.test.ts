import { describe, expect, test } from 'vitest'
import type { Ingress } from '../snapshot/objects.js'
import { parseObject } from '../snapshot/parse.js'
import { readAnnotations } from './annotations.js'
import { readGlobalSettings } from './configmap.js'
import { digestOf } from './digest.js'

const prefix = 'nginx.ingress.kubernetes.io'
const nothing = (): undefined => undefined
const options = {
  prefix,
  ...readGlobalSettings(undefined).value.reading,
  lookups: {
    digest: digestOf,
    configMap: nothing,
    secret: nothing,
    service: nothing,
    addresses: nothing,
    allowedResponseHeaders: [],
    allowsSnippets: false,
    httpsPort: 443,
    allowMissingWaf: false,
    passesTls: false,
    engine: { proxyHttp2: true, debug: true, http3: true, firewall: 'none' as const },
  },
}

function ingress(annotations: Readonly<Record<string, string>>): Ingress {
  const { object } = parseObject(
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: {
        name: 'a',
        namespace: 'b',
        annotations: Object.fromEntries(
          Object.entries(annotations).map(([name, value]) => [`${prefix}/${name}`, value]),
        ),
      },
    },
    undefined,
  )
  if (object?.kind !== 'Ingress') throw new Error('no Ingress')
  return object
}

describe('paths of an Ingress with an annotation that this version does not understand', () => {
  test('stay open, with a problem', () => {
    const { standing, problems } = readAnnotations(ingress({ 'no-such-thing': 'x' }), options)
    expect([standing, problems.map(({ code }) => code)]).toEqual(['served', ['annotation/unknown']])
  })
})
