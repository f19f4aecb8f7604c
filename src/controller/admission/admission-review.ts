import { isMapping } from '../../snapshot/fields.js'
import { parseObject } from '../../snapshot/parse.js'
import type { Candidate, Verdict } from './review.js'

/** An HTTP answer of the webhook. */
export interface AdmissionAnswer {
  readonly status: number
  readonly contentType: 'application/json' | 'text/plain'
  readonly body: string
}

/**
 * Answers the body of a request of the API server (ADM-1): admission.k8s.io/v1, networking.k8s.io/v1 Ingress. 400: no
 * AdmissionReview could be read; 500: of something else, which the webhook's configuration should not send.
 */
export async function answerReview(
  text: string,
  review: (candidate: Candidate) => Verdict | Promise<Verdict>,
): Promise<AdmissionAnswer> {
  const body = parseJson(text)
  if (!isMapping(body) || !isMapping(body['request']))
    return refused(400, 'the body is no AdmissionReview with a request')
  const { apiVersion, kind, request } = body
  if (apiVersion !== 'admission.k8s.io/v1' || kind !== 'AdmissionReview')
    return refused(500, `${print(apiVersion)} ${print(kind)} is not admission.k8s.io/v1 AdmissionReview`)
  const { uid, object } = request
  if (typeof uid !== 'string') return refused(400, 'request.uid is no text')
  if (!isIngress(request['kind'])) return refused(500, 'only Ingresses of networking.k8s.io/v1 are reviewed')
  if (!isMapping(object)) return answer(uid, { denial: undefined, warnings: [] })
  const parsed = parseObject({ apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', ...object }, undefined)
  if (parsed.object?.kind !== 'Ingress') {
    const [first] = parsed.problems
    return answer(uid, { denial: `${first?.field ?? ''}: ${first?.message ?? 'this is no Ingress'}`, warnings: [] })
  }
  const { metadata } = object
  const isBeingDeleted = isMapping(metadata) && metadata['deletionTimestamp'] !== undefined
  return answer(uid, await review({ ingress: parsed.object, isBeingDeleted }))
}

function isIngress(kind: unknown): boolean {
  return (
    isMapping(kind) && kind['group'] === 'networking.k8s.io' && kind['version'] === 'v1' && kind['kind'] === 'Ingress'
  )
}

/** ADM-2: a denial has code 400 and reason BadRequest. */
function answer(uid: string, { denial, warnings }: Verdict): AdmissionAnswer {
  const response = {
    uid,
    allowed: denial === undefined,
    ...(denial === undefined
      ? {}
      : { status: { status: 'Failure', code: 400, reason: 'BadRequest', message: denial } }),
    ...(warnings.length === 0 ? {} : { warnings: shorten(warnings) }),
  }
  const body = JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response })
  return { status: 200, contentType: 'application/json', body }
}

/** The API server passes on 4096 characters of warnings in all; the first are worth most. */
function shorten(warnings: readonly string[]): readonly string[] {
  const kept: string[] = []
  let room = 4000
  for (const warning of warnings) {
    const text = warning.length > 250 ? `${warning.slice(0, 247)}...` : warning
    if (text.length > room) break
    room -= text.length
    kept.push(text)
  }
  return kept
}

function refused(status: number, why: string): AdmissionAnswer {
  return { status, contentType: 'text/plain', body: `${why}\n` }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function print(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 100) : typeof value
}
