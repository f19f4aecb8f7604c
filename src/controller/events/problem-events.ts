import type { ObjectRef, Problem } from '../../problems/problem.js'
import type { Snapshot } from '../../snapshot/snapshot.js'
import type { EventRequest, EventTarget } from './event.js'

/** The problems that were told, by what makes one the same as before. */
export type ToldProblems = ReadonlySet<string>

/** Whether warnings that ingress-nginx's `--disable-sync-events` switches off are told. */
export type SyncEvents = 'on' | 'off'

/** More than this many at once about one object would hide each other; the rest is counted. */
const MOST_AT_ONCE = 10

/**
 * A Warning on the object for every problem that was not there before (section 20), with the problem's field and
 * sentence; on `pod`, which is our own, for what is wrong with its NGINX. `before` undefined: all are told, as what may
 * be old news. Problems whose object is not in the snapshot, or has no uid (a file), have no event.
 */
export function problemEvents(
  before: ToldProblems | undefined,
  problems: readonly Problem[],
  snapshot: Snapshot,
  syncEvents: SyncEvents,
  pod: EventTarget | undefined,
): { readonly told: ToldProblems; readonly events: readonly EventRequest[] } {
  const told = new Set<string>()
  const fresh = new Map<string, { readonly about: EventTarget; readonly problems: Problem[] }>()
  for (const problem of problems) {
    if (syncEvents === 'off' && reasonOf(problem) === ANNOTATION_REASON) continue
    const about = isOfNginx(problem) ? pod : findTarget(problem.about, snapshot)
    if (about === undefined) continue
    const key = [about.uid, problem.code, problem.field, problem.message].join('\n')
    if (told.has(key)) continue
    told.add(key)
    if (before?.has(key) === true) continue
    const group = fresh.get(about.uid)
    if (group === undefined) fresh.set(about.uid, { about, problems: [problem] })
    else group.problems.push(problem)
  }
  const repeat = before === undefined ? 'once' : 'count'
  return { told, events: [...fresh.values()].flatMap((group) => eventsOf(group.about, group.problems, repeat)) }
}

/** That a frame was refused is told as `RELOAD`, each time. */
export function isOfNginx({ about, code }: Problem): boolean {
  return about.kind === 'NGINX' && code !== 'frame/refused'
}

const ANNOTATION_REASON = 'AnnotationParsingFailed'

/**
 * The stable reason of a problem: its code in CamelCase, such as `BackendServiceNotFound`. An annotation that closes
 * its paths has the name that ingress-nginx gives it.
 */
export function reasonOf({ code, severity }: Pick<Problem, 'code' | 'severity'>): string {
  if (code.startsWith('annotation/') && severity === 'error') return ANNOTATION_REASON
  return code.replace(/(?:^|[/-])(.)/g, (_match, letter: string) => letter.toUpperCase())
}

function eventsOf(about: EventTarget, problems: readonly Problem[], repeat: EventRequest['repeat']): EventRequest[] {
  const warning = (reason: string, message: string): EventRequest => ({
    about,
    type: 'Warning',
    reason,
    message,
    repeat,
    from: about.kind === 'Pod' ? 'own' : 'leader',
  })
  const shown = problems.length > MOST_AT_ONCE ? problems.slice(0, MOST_AT_ONCE - 1) : problems
  const events = shown.map((problem) => {
    const { field, message } = problem
    return warning(reasonOf(problem), field === '' ? message : `${field}: ${message}`)
  })
  const rest = problems.length - shown.length
  if (rest > 0)
    events.push(warning('MoreProblems', `${rest} more problems of this object are in the controller's log.`))
  return events
}

const apiVersions: ReadonlyMap<string, string> = new Map([
  ['Ingress', 'networking.k8s.io/v1'],
  ['Service', 'v1'],
  ['Secret', 'v1'],
  ['ConfigMap', 'v1'],
])

function findTarget({ kind, namespace, name }: ObjectRef, snapshot: Snapshot): EventTarget | undefined {
  const apiVersion = apiVersions.get(kind)
  const uid = apiVersion === undefined ? '' : uidOf(kind, `${namespace}/${name}`, snapshot)
  return apiVersion === undefined || uid === '' ? undefined : { apiVersion, kind, namespace, name, uid }
}

function uidOf(kind: string, key: string, snapshot: Snapshot): string {
  switch (kind) {
    case 'Ingress':
      return snapshot.ingresses.get(key)?.uid ?? ''
    case 'Service':
      return snapshot.services.get(key)?.uid ?? ''
    case 'Secret':
      return snapshot.secrets.get(key)?.uid ?? ''
    default:
      return snapshot.configMaps.get(key)?.uid ?? ''
  }
}
