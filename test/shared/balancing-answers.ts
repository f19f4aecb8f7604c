import { byteAt } from '#bytes'
import { pickBalanced, pickPersistent, type Pick } from '../../src/features/affinity/sticky.js'
import { understandsSameSiteNone } from '../../src/features/affinity/same-site.js'
import { parseSession } from '../../src/request/session.js'
import { chooseByScore, observed } from '../../src/features/balancing/ewma.js'
import { createSubsets, findInSubset } from '../../src/features/balancing/subset.js'
import { order } from '../../src/edge/order.js'
import { crc32 } from '../../src/model/crc32.js'
import type { HostDocument, Route, UpstreamDocument } from '../../src/model/documents.js'
import { createRing, findOwner } from '../../src/model/ring.js'
import type { Table } from '../../src/model/table.js'
import { readCookie, writeCookie } from '../../src/request/cookie.js'
import { chooseEndpoint } from '../../src/request/choose-endpoint.js'
import { httpDate } from '../../src/request/http-date.js'
import { createRequest } from '../../src/request/offline-request.js'
import type { Passage } from '../../src/request/passage.js'
import type { ChoicePort, ResponsePort } from '../../src/request/port.js'
import { expandParts, parseVariables } from '../../src/request/variables.js'

/** Choosing endpoints, cookies and variables, as answers.ts has it. */
export function answerChecksum(_table: Table, text: string): string {
  return `${crc32(text)}`
}

/** The first and last points of a ring of `count` endpoints, and where a key falls. */
export function answerRing(_table: Table, count: string, key: string): string {
  const ring = createRing(namesOf(count))
  return `${ring.size} ${ring.hashes[0]} ${ring.hashes[ring.size - 1]} ${ring.owners[7]} ${findOwner(ring, key)}`
}

/** `seed` makes the random numbers; whole parts of the scores, as the last digit of an exponential may differ. */
export function answerChoices(_table: Table, count: string, seed: string, tried: string): string {
  const random = randomFrom(wholeNumber(seed))
  const endpoints = wholeNumber(count)
  const failed = tried === '' ? -1 : wholeNumber(tried)
  const avoid = (position: number): boolean => position === failed || (failed >= 0 && position === 0)
  const keys = namesOf(count)
  const balanced = pickBalanced(createRing(keys), avoid, (attempt) => `${seed}.${attempt}`, createRequest({}))
  const inSubset = findInSubset(createSubsets(endpoints, 3), endpoints, seed, random)
  const scored = chooseByScore(endpoints, avoid, random, (position) => (position * 7) % 5)
  const score = Math.floor(observed(endpoints, wholeNumber(seed) % 30, 4) * 1e6)
  const persistent = pickPersistent(keys, avoid, random)
  return `${describePick(balanced)} ${describePick(persistent)} ${inSubset} ${scored} ${score}`
}

export function answerCookies(_table: Table, header: string | undefined, name: string, seconds: string): string {
  const value = readCookie(header, name)
  const session = parseSession(value)
  const written = writeCookie({
    name,
    value: value ?? '',
    expires: httpDate(wholeNumber(seconds)),
    maxAgeSeconds: wholeNumber(seconds),
    path: '/',
    secure: value !== undefined,
    httpOnly: true,
  })
  return `${value ?? '-'}|${session?.key ?? '-'}|${session?.backend ?? '-'}|${written}`
}

export function answerUserAgent(_table: Table, userAgent: string | undefined): string {
  return understandsSameSiteNone(userAgent) ? 'able' : 'not able'
}

/** The choice of a session and its cookie, by the steps as the edge walks them; digests are the texts themselves. */
export function answerSession(_table: Table, cookie: string, mode: string, seed: string, failures: string): string {
  const number = wholeNumber(seed)
  const upstream: UpstreamDocument = {
    key: 'a/b/80',
    label: 'a-b-80',
    addresses: ['10.0.0.1', '10.0.0.2', '[fd00::1]'],
    ports: [80, 80, 81],
    features: {
      affinity: {
        mode: mode === 'persistent' ? 'persistent' : 'balanced',
        cookie: { name: 'route', expiresSeconds: number, sameSite: 'None', onlyIfUnderstood: true },
        changeOnFailure: number % 2 === 0,
      },
      balancing: number % 3 === 0 ? { kind: 'ewma' } : { kind: 'hash', by: '$arg_x', subset: 2 },
    },
  }
  return walk(upstream, cookie, number, wholeNumber(failures))
}

/** The same without affinity. */
export function answerBalancing(_table: Table, by: string, seed: string, failures: string): string {
  const number = wholeNumber(seed)
  const addresses = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4']
  const upstream: UpstreamDocument = {
    key: 'a/b/80',
    label: 'a-b-80',
    addresses,
    ports: [80, 80, 80, 80],
    features: {
      balancing:
        number % 3 === 0 ? { kind: 'ewma' } : number % 3 === 1 ? { kind: 'hash', by } : { kind: 'hash', by, subset: 3 },
    },
  }
  return walk(upstream, '', number, wholeNumber(failures))
}

function walk(upstream: UpstreamDocument, cookie: string, seed: number, failures: number): string {
  const random = randomFrom(seed)
  const lines: string[] = []
  const action = { kind: 'proxy', upstream: upstream.key, pool: 'http/1' } as const
  const route: Route = { path: '/', match: 'prefix', action, features: { affinity: { path: '/x' } } }
  const host: HostDocument = {
    name: 'a.test',
    paths: { kind: 'literal', exact: {}, prefix: {}, lengths: [] },
    root: route,
  }
  const passage: Passage = {
    asked: {
      scheme: () => (seed % 2 === 0 ? 'https' : 'http'),
      name: 'a.test',
      routed: 'a.test',
      path: '/',
      target: () => '/',
    },
    host,
    route,
    upstream,
  }
  const md5 = (text: string): string => text
  const request = createRequest({
    headers: { cookie },
    variables: { pid: '7', arg_x: `${seed}` },
    random,
    now: seed,
    md5,
  })
  const port: ChoicePort & ResponsePort = {
    variable: request.variable,
    header: request.header,
    match: request.match,
    random,
    share: request.share,
    now: request.now,
    md5,
    crc32: request.crc32,
    score: (_, position) => (position * seed) % 5,
    status: () => 200,
    answered: () => undefined,
    answer: (name, value) => {
      if (typeof value === 'string') lines.push(`${name} ${value}`)
      else for (const one of value ?? []) lines.push(`${name} ${one}`)
    },
    addAnswer: (name, value) => {
      lines.push(`${name} ${value}`)
    },
  }
  const tries = { failures, avoid: (position: number) => position < failures }
  const position = chooseEndpoint(order, upstream, passage, tries, port)
  for (const step of order.response) if (step.family === 'affinity') step.run(passage, port)
  let said = `${position ?? '-'}`
  for (const line of lines) said = `${said}|${line}`
  return said
}

export function answerVariables(_table: Table, text: string): string {
  return expandParts(parseVariables(text), (name) => (name === 'nobody' ? undefined : `<${name}>`))
}

function describePick({ position, key }: Pick): string {
  return `${position}:${key}`
}

function namesOf(count: string): readonly string[] {
  const names: string[] = []
  for (let i = 0; i < wholeNumber(count); i++) names.push(`10.0.${i % 7}.${i}:${8000 + i}`)
  return names
}

function randomFrom(seed: number): (this: void, most: number) => number {
  let state = seed % 65_536
  return (most) => {
    state = (state * 4005 + 1) % 65_536
    return (state % most) + 1
  }
}

/** `Number` would bring a library of the compiler along. */
function wholeNumber(digits: string): number {
  let number = 0
  for (let i = 0; i < digits.length; i++) number = number * 10 + byteAt(digits, i) - 48
  return number
}
