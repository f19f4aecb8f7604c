import type { Problem } from '../../problems/problem.js'
import type { IngressClass } from '../../snapshot/objects.js'
import type { Snapshot } from '../../snapshot/snapshot.js'
import { createStore } from '../../snapshot/store.js'
import { createClaims } from './claims.js'
import { createStandIns } from './endpoints.js'
import type { EndpointsFlag } from './endpoints-flag.js'
import { type LoadedFile, loadFile } from './load.js'

export type Log = (level: 'debug' | 'info' | 'warn', message: string) => void

/** The objects of a set of files, kept up to date file by file. */
export interface FolderObjects {
  readonly files: ReadonlyMap<string, LoadedFile>
  /** Reads a file again, or forgets it when it is gone. */
  load(file: string): void
  forget(file: string): void
  setResolved(name: string, addresses: readonly string[] | undefined): void
  current(): { readonly snapshot: Snapshot; readonly problems: readonly Problem[] }
}

/** What an empty cluster of ours would have: the class that Ingresses name unless told otherwise. */
const impliedClass: IngressClass = Object.freeze({
  kind: 'IngressClass',
  namespace: '',
  name: 'nginx',
  uid: '',
  createdAt: undefined,
  annotations: {},
  labels: {},
  source: undefined,
  controller: 'k8s.io/ingress-nginx',
})

/** `zone` of the machine (SVC-9); empty: it has no say. */
export function createFolderObjects(flags: readonly EndpointsFlag[], zone: string, log: Log): FolderObjects {
  const files = new Map<string, LoadedFile>()
  /** Those with problems: a look at all of them for each change would be most of the work. */
  const faulty = new Map<string, readonly Problem[]>()
  const store = createStore()
  store.setZone(zone)
  const claims = createClaims(store, [impliedClass])
  const standIns = createStandIns(store, flags)
  const otherKinds = new Set<string>()

  const noteKind = (kind: string, apiVersion: string): void => {
    const type = `${kind} (${apiVersion})`
    if (otherKinds.has(type)) return
    otherKinds.add(type)
    log('debug', `${type} is not a kind that Fairlead reads; such objects are left alone`)
  }

  const forget = (file: string): void => {
    claims.replace(file, files.get(file)?.objects ?? [], [])
    files.delete(file)
    faulty.delete(file)
  }

  return {
    files,
    load(file) {
      const previous = files.get(file)
      const loaded = loadFile(file, previous, noteKind)
      if (loaded === undefined) return forget(file)
      files.set(file, loaded)
      if (loaded.problems.length === 0) faulty.delete(file)
      else faulty.set(file, loaded.problems)
      claims.replace(file, previous?.objects ?? [], loaded.objects)
    },
    forget,
    setResolved: (name, addresses) => store.setResolved(name, addresses),
    current() {
      standIns.update()
      const ofFiles = [...faulty].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, problems]) => problems)
      return { snapshot: store.snapshot(), problems: [...ofFiles, ...claims.problems(), ...standIns.problems()] }
    },
  }
}
