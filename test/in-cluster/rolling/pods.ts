import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a pod wrote into its log. Times in milliseconds since 1970. */
export interface PodLog {
  readonly address: string
  /** When it was told to go, and when its process and with it every connection was gone; Infinity: not yet. */
  readonly told: number
  readonly gone: number
  /** Numbers of the POSTs that its program has read. */
  readonly posts: ReadonlySet<number>
}

/** By the names of the pods. */
export function readPodLogs(folder: string): ReadonlyMap<string, PodLog> {
  return new Map(readdirSync(folder).map((name) => [name, parse(readFileSync(join(folder, name), 'utf8'))]))
}

function parse(text: string): PodLog {
  const all = (word: string): readonly string[] =>
    [...text.matchAll(new RegExp(`^${word} (.*)$`, 'gm'))].map(([, value = '']) => value)
  const time = (word: string): number => Number(all(word)[0] ?? Infinity)
  return {
    address: all('address')[0] ?? '',
    told: time('told'),
    gone: time('gone'),
    posts: new Set(all('post').map(Number)),
  }
}
