import type { MirrorSettings } from '../../model/features.js'
import { escapeForHeader } from '../../request/escape.js'
import type { Passage } from '../../request/passage.js'
import type { RequestCopy } from '../../request/request-copy.js'
import type { ActingPort, EndingPort } from '../../request/port.js'
import { routeStep } from '../../request/step.js'
import { expandParts } from '../../request/variables.js'

/** Decides which copies a request gets, while its variables are still those of the client's request (MIR-1). */
export const chooseMirrors = routeStep('mirror', choose)

function choose(settings: MirrorSettings, passage: Passage, port: ActingPort): undefined {
  const copies: RequestCopy[] = []
  for (const to of settings.targets) {
    if (to.percent !== undefined && port.random(100) > to.percent) continue
    copies.push({ to, target: targetOf(expandParts(to.parts, port.variable)) })
  }
  if (copies.length === 0) return undefined
  passage.copies = copies
  port.awaitEnd(passage)
  // MIR-4.
  if (settings.bodiless !== true) passage.keepsBody = true
  return undefined
}

/** Once the original is over, so that nothing about a mirror reaches the client. */
export const sendMirrors = routeStep('mirror', send)

function send(_settings: MirrorSettings, { copies, keepsBody, route, sent }: Passage, port: EndingPort): void {
  // What a firewall refused is nothing for a test installation either.
  if (route.features?.inspected === true && sent !== true) return
  if (copies !== undefined) port.sendCopies(copies, keepsBody === true ? 'with body' : 'without body')
}

/** Variables hold decoded text: a blank or a line end would end the request line. */
function targetOf(expanded: string): string {
  return expanded === '' ? '/' : escapeForHeader(expanded)
}
