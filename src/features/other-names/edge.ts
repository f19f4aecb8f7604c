import { byteAt, slice } from '#bytes'
import type { WwwSettings } from '../../model/features.js'
import type { Asked } from '../../request/passage.js'
import type { RequestPort } from '../../request/port.js'
import { hostStep, type Verdict } from '../../request/step.js'

const SLASH = 47

/** RED-6: the whole of a host is elsewhere; the port is always said, and one slash at the end is not. */
export const wwwRedirect = hostStep(
  'www',
  ({ to, status }: WwwSettings, asked: Asked, request: RequestPort): Verdict => {
    const scheme = asked.scheme()
    const target = asked.target()
    const port = request.variable('pass_port') ?? (scheme === 'https' ? '443' : '80')
    const last = target.length - 1
    const uri = last >= 0 && byteAt(target, last) === SLASH ? slice(target, 0, last) : target
    return { kind: 'redirect', status, location: `${scheme}://${to}:${port}${uri}` }
  },
)
