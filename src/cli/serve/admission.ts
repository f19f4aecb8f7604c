import { startAdmissionServer } from '../../admin/admission-server.js'
import { answerReview } from '../../controller/admission/admission-review.js'
import { reviewIngress } from '../../controller/admission/review.js'
import type { Snapshot } from '../../snapshot/snapshot.js'
import { translateOptionsOf } from '../flags.js'
import type { Log } from '../log.js'
import type { ServeFlags } from './flags.js'
import { StartError } from './start-error.js'

/** Starts the admission webhook if `--validating-webhook` asks for it. Throws a StartError. */
export async function startAdmission(
  flags: ServeFlags,
  snapshot: () => Snapshot,
  log: Log,
): Promise<{ close(): void } | undefined> {
  if (flags.validatingWebhook === '') return undefined
  const options = translateOptionsOf(flags)
  const server = await startAdmissionServer({
    address: flags.validatingWebhook,
    certificate: flags.validatingWebhookCertificate,
    key: flags.validatingWebhookKey,
    answer: (body) => answerReview(body, (candidate) => reviewIngress(candidate, snapshot(), options)),
    log,
  })
  if (!server.ok) throw new StartError(server.message)
  log('info', `the admission webhook listens on ${flags.validatingWebhook}`)
  return server
}
