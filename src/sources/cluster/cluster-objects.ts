import type { Problem } from '../../problems/problem.js'
import type { ConfigMap, Ingress, IngressClass, ObjectKind } from '../../snapshot/objects.js'
import type { ParsedObject } from '../../snapshot/parse.js'
import { createStore, type Store } from '../../snapshot/store.js'
import { createKeptObjects } from './kept-objects.js'
import type { LabelMatch } from './label-selector.js'
import { createNeeds, type Needs } from './needs.js'
import { createSelectedNamespaces, type SelectedNamespaces } from './selected-namespaces.js'

/** Kinds of which only the objects are read that an Ingress or a flag names. */
export type NamedKind = 'ConfigMap' | 'Secret'

/** The objects of a cluster as they count: of selected namespaces, and the Secrets and ConfigMaps that are needed. */
export interface ClusterObjects {
  readonly store: Store
  readonly needs: Readonly<Record<NamedKind, Needs>>
  /** undefined: every namespace counts. */
  readonly namespaces: Pick<SelectedNamespaces<unknown>, 'setNamespace' | 'deleteNamespace'> | undefined
  set(kind: ObjectKind, parsed: ParsedObject): void
  delete(kind: ObjectKind, namespace: string, name: string): void
  problems(): readonly Problem[]
  /** Whether IngressClasses may be read, on which it depends which Ingresses are served. SEL-2. */
  setClassesReadable(readable: boolean): void
}

/** What it depends on, beside an Ingress itself, whether it is served. */
export interface KnownClasses {
  readonly ingressClasses: { get(name: string): IngressClass | undefined }
  readonly ingressClassesReadable: boolean
}

const NAMED = ['ConfigMap', 'Secret'] as const

export interface ClusterObjectsOptions {
  /** Which namespaces count, by their labels. SEL-5. */
  readonly matches: LabelMatch | undefined
  /** What an Ingress names, as `namespace/name`. */
  readonly namedBy: (kind: NamedKind, ingress: Ingress) => readonly string[]
  /** What a ConfigMap that flags name names itself. */
  readonly namedByConfigMap: (kind: NamedKind, configMap: ConfigMap) => readonly string[]
  readonly isServed: (ingress: Ingress, classes: KnownClasses) => boolean
  /** What flags name. */
  readonly flagged: Readonly<Record<NamedKind, readonly string[]>>
  onNeed(kind: NamedKind, key: string, needed: 'needed' | 'not-needed'): void
}

export function createClusterObjects({
  matches,
  namedBy,
  namedByConfigMap,
  isServed,
  flagged,
  onNeed,
}: ClusterObjectsOptions): ClusterObjects {
  const store = createStore()
  const needsOf = (kind: NamedKind): Needs =>
    createNeeds((key, needed) => {
      const [namespace = '', name = ''] = key.split('/')
      if (needed === 'not-needed') objects.delete(kind, namespace, name)
      // The flags speak before anybody listens; whoever starts reading asks what is needed.
      if (begun) onNeed(kind, key, needed)
    })
  const needs = { ConfigMap: needsOf('ConfigMap'), Secret: needsOf('Secret') }
  const objects = createKeptObjects(store, ({ kind, namespace, name }, object) => {
    if (kind === 'IngressClass') needAgain((ingress) => ingress.ingressClassName === name)
    if (kind === 'ConfigMap' && flagged.ConfigMap.includes(`${namespace}/${name}`))
      for (const each of NAMED)
        needs[each].replace('ConfigMap', object?.kind === 'ConfigMap' ? namedByConfigMap(each, object) : [])
    if (kind !== 'Ingress') return
    replaceNeeds(`${namespace}/${name}`, object?.kind === 'Ingress' ? object : undefined)
  })
  let classesReadable = true
  const classes: KnownClasses = {
    ingressClasses: {
      get(name) {
        const found = store.get('IngressClass', '', name)
        return found?.kind === 'IngressClass' ? found : undefined
      },
    },
    get ingressClassesReadable() {
      return classesReadable
    },
  }
  const replaceNeeds = (key: string, ingress: Ingress | undefined): void => {
    const served = ingress !== undefined && isServed(ingress, classes)
    for (const kind of NAMED) needs[kind].replace(key, served ? namedBy(kind, ingress) : [])
  }
  const needAgain = (isConcerned: (ingress: Ingress) => boolean): void => {
    for (const [key, ingress] of store.snapshot().ingresses) if (isConcerned(ingress)) replaceNeeds(key, ingress)
  }
  let begun = false
  for (const kind of NAMED) needs[kind].replace('flags', flagged[kind])
  begun = true
  const namespaces =
    matches === undefined
      ? undefined
      : createSelectedNamespaces<ParsedObject>(matches, {
          set: (parsed) => objects.set('Ingress', parsed),
          delete: (namespace, name) => objects.delete('Ingress', namespace, name),
        })

  return {
    store,
    needs,
    namespaces,
    set(kind, parsed) {
      const { about } = parsed
      if (kind === 'Ingress' && namespaces !== undefined && about !== undefined)
        namespaces.set(about.namespace, about.name, parsed)
      else objects.set(kind, parsed)
    },
    delete(kind, namespace, name) {
      if (kind === 'Ingress' && namespaces !== undefined) namespaces.delete(namespace, name)
      else objects.delete(kind, namespace, name)
    },
    problems: () => objects.problems(),
    setClassesReadable(readable) {
      if (readable === classesReadable) return
      classesReadable = readable
      store.setIngressClassesReadable(readable)
      needAgain(() => true)
    },
  }
}
