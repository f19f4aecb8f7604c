import type { PatternHelper } from '../../apply/engine/patterns.js'
import type { TableWriter } from '../../apply/table-writer.js'
import type { AlertsView } from '../../observe/alerts/view.js'
import type { BoardSource } from '../../observe/boards/ask.js'
import type { Diagnosis } from '../../observe/diagnosis/diagnosis.js'
import type { Traffic } from '../../observe/metrics/traffic.js'
import type { ExplainRequest, LiveExplanation, Overview } from '../../observe/shown.js'
import type { Problem } from '../../problems/problem.js'
import { emptySnapshot } from '../../snapshot/snapshot.js'
import type { Translation } from '../../translate/translate.js'
import type { Controller } from '../controller.js'
import type { History } from '../history.js'
import { createBoards } from './boards.js'
import { createCertificateList } from './certificates.js'
import { explainLive } from './explain-live.js'
import { createIngressList } from './ingresses.js'
import type { PageQuestion } from './page.js'
import { countProblems, createProblemList, type Locate } from './problems.js'
import { createRouteList, type RouteQuestion } from './routes.js'
import { trafficPanels, trafficState } from './traffic.js'

export interface ViewParts {
  readonly about: Pick<Overview, 'version' | 'engine' | 'instance' | 'source' | 'startedAt'>
  readonly controller: Pick<Controller, 'health' | 'problems' | 'translation'>
  readonly table: Pick<TableWriter, 'running' | 'revision'>
  readonly history: History
  /** One of its own, so that no question here keeps the controller waiting. */
  readonly helper: Pick<PatternHelper, 'match'>
  /** undefined: nothing is known of the access log. */
  readonly boards: BoardSource | undefined
  /** What is counted of requests by route; a sentence: why nothing is. */
  readonly traffic: Traffic | string
  /** Whether the counters tell hosts apart. */
  readonly perHost: boolean
  alerts(): AlertsView
  /** The place of a problem in its file. */
  readonly locate: Locate
  readonly diagnose: () => Promise<Diagnosis>
}

/** What the controller knows, as the admin API shows it; what was made of a state is kept while that state lasts. */
export function createViews(parts: ViewParts) {
  const { controller, history, table, locate } = parts
  const traffic = typeof parts.traffic === 'string' ? undefined : parts.traffic
  const routes = createRouteList(traffic)
  const ingresses = createIngressList(traffic)
  const problems = createProblemList()
  const certificates = createCertificateList()
  const countEndpoints = createEndpointCount()
  let counted: readonly Problem[] = []
  let counts = countProblems(counted)

  const known = <T>(use: (translation: Translation) => T, otherwise: T): T => {
    const translation = controller.translation()
    return translation === undefined ? otherwise : use(translation)
  }

  return {
    overview(): Overview {
      const translation = controller.translation()
      const { snapshot = emptySnapshot } = translation ?? {}
      const { nginx, ready, stopping, reason } = controller.health()
      if (controller.problems() !== counted) {
        counted = controller.problems()
        counts = countProblems(counted)
      }
      const lastReload = history.latest('reload')
      const nextExpiry = known((made) => certificates.first(made), undefined)
      return {
        ...parts.about,
        revision: table.revision(),
        health: { ready, stopping, reason },
        ...(nginx === undefined ? {} : { nginx }),
        counts: {
          ingresses: translation?.declared.size ?? 0,
          hosts: translation?.hosts.size ?? 0,
          services: snapshot.services.size,
          upstreams: translation?.upstreams.size ?? 0,
          endpoints: known(countEndpoints, 0),
          certificates: translation?.certificates.served.size ?? 0,
        },
        problems: counts,
        traffic: trafficState(parts.traffic, parts.perHost),
        pushes: history.count('push'),
        reloads: history.count('reload'),
        memory: process.memoryUsage.rss(),
        ...(lastReload === undefined ? {} : { lastReload }),
        ...(nextExpiry === undefined ? {} : { nextExpiry }),
      }
    },
    routes: (question: RouteQuestion) => known((made) => routes.page(made, question), nothing(question)),
    host: (name: string) => known((made) => routes.host(made, name), undefined),
    traffic: () => ({ panels: trafficPanels(traffic) }),
    ingresses: (question: PageQuestion) =>
      known((made) => ingresses.page(made, controller.problems(), question), nothing(question)),
    ingress: (key: string) => known((made) => ingresses.detail(made, controller.problems(), key, locate), undefined),
    problems: (question: PageQuestion & { readonly severity: 'error' | 'warning' | 'all' }) =>
      problems(controller.problems(), question, locate),
    certificates: (question: PageQuestion) => known((made) => certificates.page(made, question), nothing(question)),
    board: createBoards(parts.boards),
    diagnosis: parts.diagnose,
    alerts: parts.alerts,
    timeline: () => ({ entries: history.entries() }),
    explain: (request: ExplainRequest): Promise<LiveExplanation | string> =>
      known<Promise<LiveExplanation | string>>(
        (made) => explainLive(request, made, table, parts.helper),
        Promise.resolve('Nothing is known yet: not everything has been read.'),
      ),
  }
}

function nothing({ offset }: PageQuestion) {
  return { rows: [], total: 0, offset }
}

function createEndpointCount(): (translation: Pick<Translation, 'upstreams'>) => number {
  let known: Translation['upstreams'] | undefined
  let count = 0
  return ({ upstreams }) => {
    if (upstreams !== known) {
      known = upstreams
      count = 0
      for (const { document } of upstreams.values()) count += document.addresses.length
    }
    return count
  }
}
