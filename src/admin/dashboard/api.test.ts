import { expect, test } from 'vitest'
import { createAdmin } from './api.js'
import { createChanges } from './changes.js'
import type { AdminSource } from './source.js'

const TOKEN = 'the-token-of-the-test'

function admin(overrides: Partial<AdminSource> = {}, more: Partial<Parameters<typeof createAdmin>[0]> = {}) {
  let now = 0
  const said: string[] = []
  const nothing = { rows: [], total: 0, offset: 0 }
  const source = {
    routes: () => nothing,
    problems: () => nothing,
    timeline: () => ({ entries: [] }),
    overview: () => ({ revision: 7 }),
    ...overrides,
  } as unknown as AdminSource // what these tests ask for is there
  const changes = createChanges()
  const app = createAdmin({
    token: TOKEN,
    loopback: true,
    cookie: 'fairlead-1',
    now: () => now,
    source,
    assets: new Map(),
    changes,
    log: (_, message) => void said.push(message),
    ...more,
  })
  const ask = async (path: string, init: RequestInit = {}, token = TOKEN): Promise<Response> =>
    app.request(`http://127.0.0.1:1${path}`, {
      ...init,
      headers: {
        host: '127.0.0.1:1',
        authorization: `Bearer ${token}`,
        ...(init.headers as Record<string, string> | undefined),
      },
    })
  return { ask, changes, said, later: (milliseconds: number) => (now += milliseconds) }
}

const question = (body: unknown): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
})

test('more than a burst at once is refused for a second; the next second is answered', async () => {
  const { ask, later } = admin()
  const statuses: number[] = []
  for (let i = 0; i < 210; i++) statuses.push((await ask('/api/timeline')).status)
  expect(statuses.filter((status) => status === 200)).toHaveLength(200)
  const refused = await ask('/api/timeline')
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1'])
  later(1_000)
  expect((await ask('/api/timeline')).status).toBe(200)
})

test('a failure is logged and tells the client nothing of itself', async () => {
  const { ask, said } = admin({
    timeline() {
      throw new Error('the secret reason')
    },
  })
  const answer = await ask('/api/timeline')
  expect(answer.status).toBe(500)
  expect(await answer.text()).not.toContain('secret')
  expect(said.join()).toContain('the secret reason')
})

test('explanations under way are bounded', async () => {
  let finish = (): void => undefined
  const waiting = new Promise<string>((resolve) => (finish = () => resolve('not a URL')))
  const { ask } = admin({ explain: () => waiting })
  const asked = Array.from({ length: 4 }, () => ask('/api/explain', question({ url: 'http://a.test/' })))
  await new Promise((resolve) => setImmediate(resolve))
  expect((await ask('/api/explain', question({ url: 'http://a.test/' }))).status).toBe(429)
  finish()
  expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([400, 400, 400, 400])
})

test('a stream says what is at once, and the number of streams is bounded', async () => {
  const { ask } = admin()
  const answers = await Promise.all(Array.from({ length: 16 }, () => ask('/api/events')))
  const readers = answers.map(({ body }) => body?.getReader())
  const first = await readers[0]?.read()
  expect(new TextDecoder().decode(first?.value)).toBe('event: state\ndata: {"revision":7}\n\n')
  expect((await ask('/api/events')).status).toBe(429)
  await readers[3]?.cancel()
  expect((await ask('/api/events')).status).toBe(200)
  for (const reader of readers) await reader?.cancel()
})

test('numbers of a page are bounded, and what is no number counts as none', async () => {
  const questions: unknown[] = []
  const { ask } = admin({
    routes(one) {
      questions.push(one)
      return { rows: [], total: 0, offset: 0 }
    },
  })
  await ask('/api/routes?limit=9999&offset=-1&search=SHOP')
  await ask(`/api/routes?limit=x&offset=99&search=${'a'.repeat(500)}`)
  expect(questions).toEqual([
    { search: 'shop', offset: 0, limit: 200, order: 'host' },
    { search: 'a'.repeat(200), offset: 99, limit: 50, order: 'host' },
  ])
})

test('a token of the cluster counts where Kubernetes is asked; who guesses is held back, and the own token never is', async () => {
  const { ask } = admin({}, { review: (token) => Promise.resolve(token === 'of-ann' ? 'allowed' : 'refused') })
  expect((await ask('/api/timeline', {}, 'of-ann')).status).toBe(200)
  const statuses: number[] = []
  for (let i = 0; i < 40; i++) statuses.push((await ask('/api/timeline', {}, `guess-${i}`)).status)
  expect(new Set(statuses)).toEqual(new Set([401, 429]))
  expect((await ask('/api/timeline')).status).toBe(200)
})
