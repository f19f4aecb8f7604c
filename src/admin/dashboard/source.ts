import type { AlertsView } from '../../observe/alerts/view.js'
import type { BoardChoice } from '../../observe/boards/boards.js'
import type { Board, NoBoard, Panel } from '../../observe/boards/panel.js'
import type { Diagnosis } from '../../observe/diagnosis/diagnosis.js'
import type {
  CertificateRow,
  ExplainRequest,
  HostDetail,
  IngressDetail,
  IngressRow,
  LiveExplanation,
  ObjectProblems,
  Overview,
  Page,
  RouteOrder,
  RouteRow,
  Timeline,
} from '../../observe/shown.js'

/** Which part of a list is asked for; see the API. */
export interface ListQuestion {
  /** In lower case; every word of it has to be found. */
  readonly search: string
  readonly offset: number
  readonly limit: number
}

/** What the API shows, read only. Each call but the diagnosis costs milliseconds at most, whatever there is. */
export interface AdminSource {
  overview(): Overview
  routes(question: ListQuestion & { readonly order: RouteOrder }): Page<RouteRow>
  /** undefined: nobody declares that host. */
  host(name: string): HostDetail | undefined
  /** The last ten minutes of all requests; none where they are not counted. */
  traffic(): { readonly panels: readonly Panel[] }
  ingresses(question: ListQuestion): Page<IngressRow>
  /** `namespace/name`. */
  ingress(key: string): IngressDetail | undefined
  problems(question: ListQuestion & { readonly severity: 'error' | 'warning' | 'all' }): Page<ObjectProblems>
  certificates(question: ListQuestion): Page<CertificateRow>
  timeline(): Timeline
  alerts(): AlertsView
  /** The board over the access log of this name; undefined: there is none. */
  board(name: string, choice: BoardChoice): Promise<Board | NoBoard> | undefined
  /** What `fairlead diagnose` packs. */
  diagnosis(): Promise<Diagnosis>
  /** A text: what of the question cannot be read. */
  explain(request: ExplainRequest): Promise<LiveExplanation | string>
}
