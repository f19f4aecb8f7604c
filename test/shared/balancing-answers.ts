import { byteAt } from '#bytes'
import { pickBalanced, pickPersistent, type Pick } from '../../src/features/affinity/sticky.js'
import { understandsSameSiteNone } from '../../src/features/affinity/same-site.js'
import { parseSession } from '../../src/features/affinity/session.js'
import { chooseByScore, observed } from '../../src/features/balancing/ewma.js'
import { createSubsets, findInSubset } from '../../src/features/balancing/subset.js'
import { crc32 } from '../../src/model/crc32.js'
import { createRing, findOwner } from '../../src/model/ring.js'
import type { Table } from '../../src/model/table.js'
import { readCookie, writeCookie } from '../../src/request/cookie.js'
import { httpDate } from '../../src/request/http-date.js'
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
  const failed = tried === '' ? [] : [wholeNumber(tried), 0]
  const keys = namesOf(count)
  const balanced = pickBalanced(createRing(keys), failed, (attempt) => `${seed}.${attempt}`)
  const inSubset = findInSubset(createSubsets(endpoints, 3), endpoints, seed, random)
  const scored = chooseByScore(endpoints, failed, random, (position) => (position * 7) % 5)
  const score = Math.floor(observed(endpoints, wholeNumber(seed) % 30, 4) * 1e6)
  const persistent = pickPersistent(keys, failed, random)
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
