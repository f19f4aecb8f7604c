import type { LabelMatch } from './label-selector.js'

/** Which namespaces the labels select at present, and the objects that wait in the others. SEL-5. */
export interface SelectedNamespaces<T> {
  setNamespace(name: string, labels: Readonly<Record<string, string>>): void
  deleteNamespace(name: string): void
  set(namespace: string, name: string, object: T): void
  delete(namespace: string, name: string): void
}

/**
 * Objects of selected namespaces are let through; when a namespace is labelled anew, its objects appear or go at once,
 * and not at their next change.
 */
export function createSelectedNamespaces<T>(
  matches: LabelMatch,
  through: { set(object: T): void; delete(namespace: string, name: string): void },
): SelectedNamespaces<T> {
  const selected = new Set<string>()
  const objects = new Map<string, Map<string, T>>()

  const unselect = (namespace: string): void => {
    if (!selected.delete(namespace)) return
    for (const name of objects.get(namespace)?.keys() ?? []) through.delete(namespace, name)
  }
  return {
    setNamespace(namespace, labels) {
      if (!matches(labels)) return unselect(namespace)
      if (selected.has(namespace)) return
      selected.add(namespace)
      for (const object of objects.get(namespace)?.values() ?? []) through.set(object)
    },
    deleteNamespace: unselect,
    set(namespace, name, object) {
      const own = objects.get(namespace)
      if (own === undefined) objects.set(namespace, new Map([[name, object]]))
      else own.set(name, object)
      if (selected.has(namespace)) through.set(object)
    },
    delete(namespace, name) {
      const own = objects.get(namespace)
      own?.delete(name)
      if (own?.size === 0) objects.delete(namespace)
      if (selected.has(namespace)) through.delete(namespace, name)
    },
  }
}
