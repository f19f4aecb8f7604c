import { parseObject } from '../../src/snapshot/parse.js'
import { createStore } from '../../src/snapshot/store.js'
import { defaultTranslateOptions } from '../../src/translate/options.js'
import { translate, type Translation } from '../../src/translate/translate.js'
import { neighbourObjects } from '../feature-variants.js'
import type { Figure } from '../figure.js'
import { endpointSlice, service, type KubernetesObject } from '../manifests.js'

const INGRESSES = 1_000

/** Locations that the frame has for a realistic mix of Ingresses, and how many of those it has before the first one. */
export function countProfiles(): readonly Figure[] {
  const choices = { backendPort: 80 }
  const before = translateAll([]).profiles.length
  const mix = [service(0), endpointSlice(0, 0, choices), ...neighbourObjects(choices, INGRESSES)]
  const { profiles } = translateAll(mix)
  return [
    { id: 'profiles/common', what: 'profiles in every frame', unit: 'count', value: before },
    {
      id: 'profiles/mix',
      what: 'profiles for a mix of 1,000 Ingresses that use every family',
      unit: 'count',
      value: profiles.length,
      goal: { atMost: 256, aim: 50 },
    },
  ]
}

function translateAll(objects: readonly KubernetesObject[]): Translation {
  const store = createStore()
  for (const raw of [CLASS, ...objects]) {
    const { object } = parseObject(raw, undefined)
    if (object !== undefined) store.set(object)
  }
  return translate(store.snapshot(), defaultTranslateOptions, { fallbackCertificate: { chain: '', key: '' }, now: 0 })
}

const CLASS = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'IngressClass',
  metadata: { name: 'nginx' },
  spec: { controller: 'k8s.io/ingress-nginx' },
}
