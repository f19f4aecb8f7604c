import type { PatternVerdict } from '../nginx/pattern.js'
import { describeObject, type Problem } from '../problems/problem.js'
import type { Shadowed, Winner } from './path-origin.js'
import { problemOf, referenceOf } from './reference.js'
import { refusedPatternMessage } from './regex-paths.js'
import { wantsRegex } from './wants-regex.js'

/** RW-4. */
export function refusedPattern(
  { path, match, origin, declared }: Winner,
  verdict: Extract<PatternVerdict, { kind: 'refused' }>,
): Problem {
  const cause = wantsRegex({ path, match }, declared.features)
    ? ''
    : ' All paths of this host are regular expressions (RW-4).'
  const message = `${refusedPatternMessage(path, verdict)} The path is left out.${cause}`
  return problemOf('path/pattern-refused', origin.ingress, `${origin.field}.path`, message)
}

export function unjudgedPattern({ path, origin }: Winner): Problem {
  const message = `No NGINX was there to try the regular expression ${JSON.stringify(path)}, so whether it is valid is not known. Run "make engine", or name an NGINX in FAIRLEAD_NGINX.`
  return problemOf('path/pattern-unjudged', origin.ingress, `${origin.field}.path`, message)
}

/** ORD-2. */
export function shadowedProblem({ path, match, origin, winner }: Shadowed): Problem {
  const kind = match === 'exact' ? 'Exact' : 'Prefix'
  const message = `${describeObject(referenceOf(winner.ingress))} (${winner.field}) declares the ${kind} path ${JSON.stringify(path)} of this host and is processed first, so this one is not used.`
  return problemOf('path/shadowed', origin.ingress, origin.field, message)
}
