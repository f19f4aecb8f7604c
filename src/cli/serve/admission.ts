import { startAdmissionServer, type AdmissionServerOptions } from '../../admin/admission-server.js'
import { answerReview } from '../../controller/admission/admission-review.js'
import { reviewPatterns } from '../../controller/admission/review-patterns.js'
import { type Candidate, reviewIngress, type Verdict } from '../../controller/admission/review.js'
import type { Review } from '../../controller/metrics/record.js'
import type { PatternJudge } from '../../controller/pattern-judge.js'
import type { Snapshot } from '../../snapshot/snapshot.js'
import type { TranslateOptions } from '../../translate/options.js'
import { translateOptionsOf } from '../flags.js'
import type { Log } from '../log.js'
import type { ServeFlags } from './flags.js'
import { StartError } from './start-error.js'

export interface Admission {
  close(): void
}

/** The job of the chart makes the certificate while the pods start. */
const RETRY_MILLISECONDS = 2_000

/**
 * Starts the admission webhook if `--validating-webhook` asks for it. A certificate that is not there yet is waited for
 * beside everything else: routes do not depend on it. Throws a StartError for what waiting cannot cure.
 */
export async function startAdmission(
  flags: ServeFlags,
  engine: TranslateOptions['engine'],
  snapshot: () => Snapshot,
  patterns: PatternJudge,
  log: Log,
  onReview: (review: Review) => void,
): Promise<Admission | undefined> {
  if (flags.validatingWebhook === '') return undefined
  const translation = translateOptionsOf(flags, engine)
  const review = async (candidate: Candidate): Promise<Verdict> => {
    const now = snapshot()
    const began = performance.now()
    const verdict = await reviewAll(candidate, now)
    const { namespace, name: ingress } = candidate.ingress
    const seconds = (performance.now() - began) / 1000
    onReview({
      namespace,
      ingress,
      admitted: verdict.denial === undefined,
      ...(verdict.isUncounted === true ? { isUncounted: true } : {}),
      seconds,
      tested: now.ingresses.size + 1,
    })
    return verdict
  }
  const reviewAll = async (candidate: Candidate, now: Snapshot): Promise<Verdict> => {
    const verdict = reviewIngress(candidate, now, translation)
    if (verdict.denial !== undefined) return verdict
    const denial = await reviewPatterns(candidate, now, translation, patterns)
    return denial === undefined ? verdict : { denial, warnings: [] }
  }
  const options: AdmissionServerOptions = {
    address: flags.validatingWebhook,
    certificate: flags.validatingWebhookCertificate,
    key: flags.validatingWebhookKey,
    answer: (body) => answerReview(body, review),
    log,
  }
  let close = (): void => undefined
  const start = async (say: 'warn' | 'debug'): Promise<void> => {
    const server = await startAdmissionServer(options)
    if (server.ok) {
      log('info', `the admission webhook listens on ${flags.validatingWebhook}`)
      close = server.close
      return
    }
    if (!server.later) throw new StartError(server.message)
    log(say, `${server.message} The webhook starts when it can be.`)
    const timer = setTimeout(() => {
      start('debug').catch((cause: unknown) => log('error', cause instanceof Error ? cause.message : String(cause)))
    }, RETRY_MILLISECONDS)
    timer.unref()
    close = () => clearTimeout(timer)
  }
  await start('warn')
  return { close: () => close() }
}
