import { printFamilies, type Family } from './family.js'
import type { Gathering } from './gather.js'
import { printRequestMetrics } from './request-text.js'
import type { RequestMetricsStore } from './store.js'
import { CONTENT_TYPES, formFor, type Form, type Labels } from './text.js'

/** An answer to a scrape; the text comes in pieces, between which others have their turn. */
export interface Exposition {
  readonly contentType: string
  readonly pieces: Iterable<string>
}

/** By the `Accept` header of who asks. */
export type Exporter = (accept: string | undefined) => Promise<Exposition>

export interface ExporterParts {
  /** undefined: requests are not counted. */
  readonly requests:
    | {
        readonly store: RequestMetricsStore
        readonly gathering: Pick<Gathering, 'gather'>
        /** Names of `--exclude-socket-metrics` without prefix. */
        readonly excluded: ReadonlySet<string>
      }
    | undefined
  /** Labels of all metrics of the contract: `controller_class`, `controller_namespace`, `controller_pod`. */
  readonly constant: Labels
  /** The controller's own metrics. */
  own(): Promise<Iterable<Family>>
}

/** What `/metrics` answers: what was counted of requests up to now, and the controller's own metrics. */
export function createExporter({ requests, constant, own }: ExporterParts): Exporter {
  return async (accept) => {
    const form = formFor(accept)
    const [families] = await Promise.all([own(), requests?.gathering.gather()])
    return { contentType: CONTENT_TYPES[form], pieces: piecesOf(form, families) }
  }

  function* piecesOf(form: Form, families: Iterable<Family>): Generator<string, undefined> {
    if (requests !== undefined) yield* printRequestMetrics(requests.store, constant, requests.excluded, form)
    yield* printFamilies(families, form)
    if (form === 'openmetrics') yield '# EOF\n'
    return undefined
  }
}
