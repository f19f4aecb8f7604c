import { rewriting } from '../../src/features/locations/edge.js'
import { rewriteCookie } from '../../src/features/locations/cookie.js'
import type { Route } from '../../src/model/documents.js'
import type { Replacement } from '../../src/model/proxy-features.js'
import type { Table } from '../../src/model/table.js'
import type { ResponsePort } from '../../src/request/port.js'
import { createRequest } from '../../src/request/offline-request.js'

/** What becomes of a cookie; `from` or `to` empty: that attribute is not rewritten. */
export function answerCookie(_table: Table, cookie: string, from: string, to: string): string {
  const replacement: Replacement | undefined = from === '' ? undefined : { from, to }
  return `${rewriteCookie(cookie, replacement, undefined)}|${rewriteCookie(cookie, undefined, replacement)}`
}

/** What becomes of Location and Refresh; `from` empty: the endpoint's own address is replaced. */
export function answerLocation(_table: Table, location: string, from: string, to: string): string {
  const settings = from === '' ? { endpointLocation: true } : { location: { from, to } }
  const route: Route = {
    path: '/',
    match: 'prefix',
    action: { kind: 'answer', status: 200, label: '' },
    features: { rewriting: settings },
  }
  const host = { name: 'a.test', paths: { kind: 'literal' as const, exact: {}, prefix: {}, lengths: [] }, root: route }
  const written: Record<string, string> = {}
  const port: ResponsePort = {
    ...createRequest({ variables: { upstream_addr: '10.0.0.1:80, 10.0.0.2:8080' } }),
    status: () => 302,
    answered: (name) => (name === 'Location' ? location : name === 'Refresh' ? `5; URL=${location}` : undefined),
    answer: (name, value) => {
      written[name] = typeof value === 'string' ? value : '-'
    },
    addAnswer: (name, value) => {
      written[name] = value
    },
  }
  rewriting.run(
    { asked: { scheme: () => 'https', name: 'a.test', routed: 'a.test', path: '/', target: () => '/' }, host, route },
    port,
  )
  return `${written['Location'] ?? '-'}|${written['Refresh'] ?? '-'}`
}
