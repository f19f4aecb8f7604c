import { readFileSync } from 'node:fs'
import { Agent, request } from 'undici'
import type { Cluster } from './cluster.js'

/** Requests to the API server of a cluster in this network namespace, as whoever holds the token. */
export interface ApiClient {
  /** A token from here on; at first it is the administrator's. */
  as(token: string): ApiClient
  get(path: string): Promise<{ readonly status: number; readonly body: unknown }>
  /** The events of a watch as they come; ends with the stream, and after `timeoutSeconds` at the latest. */
  watch(path: string, parameters: Readonly<Record<string, string>>): AsyncGenerator<WatchEvent>
  close(): Promise<void>
}

export interface WatchEvent {
  readonly type: string
  readonly object: { readonly code?: number; readonly metadata?: { readonly name?: string } }
}

export function createApiClient({ url, caFile, tokenFile }: Cluster): ApiClient {
  const dispatcher = new Agent({ connect: { ca: readFileSync(caFile) } })
  const client = (token: string): ApiClient => ({
    as: client,
    async get(path) {
      const { statusCode, body } = await request(url + path, {
        dispatcher,
        headers: { authorization: `Bearer ${token}` },
      })
      return { status: statusCode, body: await body.json() }
    },
    async *watch(path, parameters) {
      const query = new URLSearchParams({ watch: '1', timeoutSeconds: '30', ...parameters })
      const headers = { authorization: `Bearer ${token}` }
      const { body } = await request(`${url}${path}?${query.toString()}`, { dispatcher, headers })
      let text = ''
      for await (const part of body.setEncoding('utf8')) {
        const lines = (text + String(part)).split('\n')
        text = lines.pop() ?? ''
        for (const line of lines) yield JSON.parse(line) as WatchEvent // the API's own
      }
    },
    close: () => dispatcher.destroy(),
  })
  return client(readFileSync(tokenFile, 'utf8'))
}
