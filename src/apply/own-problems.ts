import { createProblem } from '../problems/create.js'
import type { Problem } from '../problems/problem.js'

/** About what is brought to NGINX, and not about an object of anybody. */
export function ownProblem(
  code: 'frame/refused' | 'frame/not-written' | 'table/full' | 'table/not-pushed',
  message: string,
): Problem {
  return createProblem(code, { kind: 'NGINX', namespace: '', name: 'frame' }, '', message)
}

export function damagedSnapshot(): Problem {
  const message =
    'NGINX found the snapshot of the table damaged when it started and served nothing from it. Everything is pushed anew.'
  return createProblem('snapshot/unusable', { kind: 'NGINX', namespace: '', name: 'table' }, '', message)
}
