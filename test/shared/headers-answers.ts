import { find, slice } from '#bytes'
import { corsHeaders, corsPreflight } from '../../src/features/cors/edge.js'
import type { RouteFeatures } from '../../src/model/features.js'
import type { HostDocument, Route } from '../../src/model/documents.js'
import type { Table } from '../../src/model/table.js'
import { createRequest } from '../../src/request/offline-request.js'
import type { Passage } from '../../src/request/passage.js'

/** Features that set headers, as answers.ts has it. `origins`: with a blank between; empty: every one. */
export function answerCors(
  _table: Table,
  origins: string,
  origin: string | undefined,
  vary: string | undefined,
  method: string,
): string {
  const cors = { methods: 'GET', headers: 'X', maxAge: '1' }
  const passage = passageOf({ cors: origins === '' ? cors : { ...cors, origins: listed(origins) } })
  const headers = origin === undefined ? {} : { origin }
  const request = createRequest({ headers, variables: { request_method: method } })
  const preflight = corsPreflight.run(passage, request)
  let answered = preflight === undefined ? 'passed' : `${preflight.status}`
  corsHeaders.run(passage, {
    ...request,
    status: () => 200,
    answered: () => vary,
    answer: (name, value) => {
      answered = `${answered}|${name}=${typeof value === 'string' ? value : '-'}`
    },
    addAnswer: (name, value) => {
      answered = `${answered}|+${name}=${value}`
    },
  })
  return answered
}

function listed(text: string): Readonly<Record<string, true>> {
  const origins: Record<string, true> = {}
  let from = 0
  while (from < text.length) {
    const blank = find(text, ' ', from)
    const end = blank < 0 ? text.length : blank
    origins[slice(text, from, end)] = true
    from = end + 1
  }
  return origins
}

function passageOf(features: RouteFeatures): Passage {
  const route: Route = { path: '/', match: 'prefix', action: { kind: 'answer', status: 200, label: '' }, features }
  const host: HostDocument = {
    name: 'a.test',
    paths: { kind: 'literal', exact: {}, prefix: {}, lengths: [] },
    root: route,
  }
  return {
    asked: { scheme: () => 'http', name: 'a.test', routed: 'a.test', path: '/', target: () => '/' },
    host,
    route,
  }
}
