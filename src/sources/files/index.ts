import { createProblem } from '../../problems/create.js'
import type { Problem } from '../../problems/problem.js'
import { SortedMap } from '../../collections/sorted-map.js'
import type { Snapshot } from '../../snapshot/snapshot.js'
import type { EndpointsFlag } from './endpoints-flag.js'
import { inspect, type Listing, listFolder } from './folder.js'
import { createFollower, type Follower } from './follow.js'
import { createFolderObjects, type FolderObjects, type Log } from './objects-of-folder.js'
import { isSameList } from '../same-problems.js'
import {
  createLookup,
  createNames,
  type Lookup,
  type Names,
  hasOtherNames,
  type NamingObjects,
  namesToResolve,
  readSearchRules,
} from '../names/resolve.js'

export { type EndpointsFlag, parseEndpointsFlag } from './endpoints-flag.js'

/** What a source knows at present. */
export interface SourceState {
  readonly snapshot: Snapshot
  readonly problems: readonly Problem[]
  /** A folder has been read whole once it has started. */
  readonly complete: true
}

export type Started = { readonly ok: true } | { readonly ok: false; readonly message: string }

export interface FilesSource {
  /** Reads the folder and begins to follow it; not ok when there is no such folder. */
  start(): Promise<Started>
  current(): SourceState
  stop(): Promise<void>
}

export interface FolderOptions {
  readonly folder: string
  readonly endpoints: readonly EndpointsFlag[]
  /** Zone of the machine (SVC-9); absent: it has no say. */
  readonly zone?: string
  readonly log: Log
  /** How names are resolved; by default by the machine's name servers. */
  readonly lookup?: Lookup
}

/** How long the first snapshot waits for the names of ExternalName Services. */
const FIRST_NAMES_MS = 2000

/**
 * Desired state from a folder of manifests: `*.yaml`, `*.yml` and `*.json`, at any depth, followed as they change.
 * `onChange` is called after each change that altered the snapshot or the problems, not for what `start` read.
 */
export function createFilesSource(options: FolderOptions & { readonly onChange: () => void }): FilesSource {
  const { folder, endpoints, zone = '', log, onChange } = options
  const objects = createFolderObjects(endpoints, zone, log)
  let state: SourceState = { ...objects.current(), complete: true }
  let announce = false
  /** Those whose names are wanted. */
  let named: NamingObjects = {
    configMaps: SortedMap.empty(),
    ingresses: SortedMap.empty(),
    services: SortedMap.empty(),
  }

  const refresh = (): void => {
    const { snapshot: now } = objects.current()
    // A name that is not wanted any more is taken out at once, so this comes first.
    if (hasOtherNames(named, now)) names.want(namesToResolve(now))
    named = now
    const { snapshot, problems: ofObjects } = objects.current()
    const found = [...folderProblems(folder, follower), ...ofObjects]
    const problems = isSameList(found, state.problems) ? state.problems : found
    if (snapshot === state.snapshot && problems === state.problems) return
    state = { snapshot, problems, complete: true }
    if (announce) onChange()
  }
  const names = createNamesFor(objects, options.lookup, refresh)
  const follower = createFollower(folder, objects, refresh, log)

  return {
    async start() {
      const { kind } = inspect(folder)
      if (kind !== 'folder') return { ok: false, message: `${folder} is not ${kind === 'none' ? 'there' : 'a folder'}` }
      await follower.start()
      const closed = follower.unreadable.find((entry) => entry.folder === folder)
      if (closed !== undefined) return { ok: false, message: `${folder} could not be read: ${closed.cause}` }
      refresh()
      await names.firstAnswers(FIRST_NAMES_MS)
      announce = true
      return { ok: true }
    },
    current: () => state,
    async stop() {
      announce = false
      names.stop()
      follower.stop()
    },
  }
}

/** Reads a folder, or one file, once. */
export async function readFolder(
  options: FolderOptions,
): Promise<({ readonly ok: true } & SourceState) | { readonly ok: false; readonly message: string }> {
  const { folder, endpoints, zone = '', log } = options
  const { kind } = inspect(folder)
  if (kind === 'none') return { ok: false, message: `${folder} is not there` }
  const objects = createFolderObjects(endpoints, zone, log)
  const listing = kind === 'folder' ? listFolder(folder) : { files: [folder], unreadable: [] }
  for (const file of listing.files) objects.load(file)
  const names = createNamesFor(objects, options.lookup, () => {})
  names.want(namesToResolve(objects.current().snapshot))
  await names.firstAnswers(FIRST_NAMES_MS)
  names.stop()
  const { snapshot, problems } = objects.current()
  return { ok: true, complete: true, snapshot, problems: [...listing.unreadable.map(unreadableProblem), ...problems] }
}

function createNamesFor(objects: FolderObjects, lookup: Lookup | undefined, onChange: () => void): Names {
  return createNames({
    rules: readSearchRules(),
    lookup: lookup ?? createLookup(),
    onAddresses: (name, addresses) => {
      objects.setResolved(name, addresses)
      onChange()
    },
  })
}

function folderProblems(folder: string, { gone, unreadable }: Pick<Follower, 'gone' | 'unreadable'>): Problem[] {
  if (!gone) return unreadable.map(unreadableProblem)
  const message = `${folder} is gone. The last state stays in force; the folder is read again when it is back.`
  return [createProblem('file/folder-gone', { kind: 'Folder', namespace: '', name: folder }, '', message)]
}

function unreadableProblem({ folder, cause }: Listing['unreadable'][number]): Problem {
  const message = `${folder} could not be read: ${cause}. What was read from it before stays in force.`
  const position = { file: folder, line: 0, column: 0 }
  return createProblem('file/unreadable', { kind: 'Folder', namespace: '', name: folder }, '', message, position)
}
