import type { RawRequest } from './echo-engine.js'

/** Random requests of the shapes that a path or host check gets wrong; the same for the same seed. */
export function hostileRequests(seed: number, count: number): RawRequest[] {
  const random = createRandom(seed)
  return Array.from({ length: count }, () => ({
    target: target(random),
    host: host(random),
    version: random.below(10) === 0 ? '1.0' : '1.1',
  }))
}

export interface Random {
  /** A whole number from 0 to `limit - 1`. */
  below(limit: number): number
}

/** mulberry32. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  return {
    below(limit) {
      state = (state + 0x6d2b79f5) >>> 0
      let mixed = Math.imul(state ^ (state >>> 15), state | 1)
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
      return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
    },
  }
}

function pick<T>(random: Random, list: readonly [T, ...T[]]): T {
  return list[random.below(list.length)] ?? list[0]
}

const plain = ['a', 'b', 'cart', 'Z9', '-', '_', '~', '+', ';v=1', ':', '@', '!$&', "'()*,="] as const
const dots = ['/', '/', '//', '/.', '/..', '/./', '/../', '.', '..', '...', '/a/..'] as const
const escaped = [
  '%2e',
  '%2E',
  '%2f',
  '%2F',
  '%2F%2f',
  '%25',
  '%3f',
  '%23',
  '%20',
  '%61',
  '%0d%0a',
  '%e2%82%ac',
] as const
const wrong = ['%00', '%', '%4', '%zz', '%g0', '%4G', '\x00', '\x01', '\t', '\x1f', '\x7f', ' '] as const
const unusual = [
  '\\',
  '^',
  '`',
  '{',
  '}',
  '|',
  '"',
  '<',
  '>',
  '[',
  ']',
  '\x80',
  '\xff',
  '\xc3\xa9',
  '\xe2\x28',
] as const

function pathPiece(random: Random): string {
  const kind = random.below(100)
  if (kind < 34) return pick(random, plain)
  if (kind < 66) return pick(random, dots)
  if (kind < 84) return pick(random, escaped)
  if (kind < 91) return pick(random, unusual)
  if (kind < 94) return pick(random, ['?', '#', '?x=%zz', '#/../'])
  if (kind < 95) return pick(random, wrong)
  return byteOf(random)
}

/** Any byte but CR and LF, which would end the line. */
function byteOf(random: Random): string {
  const byte = random.below(20) === 0 ? random.below(256) : 33 + random.below(94)
  return byte === 10 || byte === 13 ? 'x' : String.fromCharCode(byte)
}

function pieces(random: Random, most: number, piece: (random: Random) => string): string {
  let text = ''
  for (let left = random.below(most + 1); left > 0; left--) text += piece(random)
  return text
}

function target(random: Random): string {
  const form = random.below(100)
  if (form < 76) return trim(`/${pieces(random, 8, pathPiece)}`)
  if (form < 92) return trim(absolute(random))
  if (form < 98) return trim(pieces(random, 3, pathPiece))
  return `/${'x'.repeat(8160 + random.below(60))}${pick(random, ['', '', '?y', '/../../..', '\x01', '%zz'])}`
}

function absolute(random: Random): string {
  const scheme = pick(random, ['http', 'http', 'http', 'https', 'https', 'HTTPS', 'h2+t-p.1', '1http', 'h_p', ''])
  const after = pick(random, ['://', '://', '://', '://', '://', '://', '://', '://', ':/', ':', '//'])
  const authority = random.below(5) === 0 ? pieces(random, 3, hostPiece) : pick(random, goodHosts)
  const path = random.below(4) === 0 ? '' : pick(random, ['/', '/', '?', '#'])
  return `${scheme}${after}${authority}${path}${path === '' ? '' : pieces(random, 4, pathPiece)}`
}

const goodHosts = [
  'a',
  'shop.example.com',
  'SHOP.Example.COM',
  'a.b.',
  'a:80',
  'a.b.:8080',
  'a:',
  '[::1]',
  '[2001:DB8::1]:443',
  '-',
  'a-b.c',
] as const
const names = ['a', 'B', 'shop', 'COM', '0', '80', '-', '_', '*', '~', 'xn--e1a'] as const
const marks = ['.', '.', '..', ':', ':', '[', ']', '%41', '%', '%zz', ',', ';', '+', '=', '$', "'", '(', '&'] as const
const ports = [
  ':80',
  ':0',
  ':65535',
  ':65536',
  ':99999',
  ':000080',
  ':x',
  ':80:',
  '[::1]',
  '[a.]',
  ']:1',
  ':8.b',
] as const
const bad = [
  '@',
  '"',
  '<',
  '{',
  '\\',
  '#',
  '?',
  '/',
  '\x80',
  '\xc3\xa9',
  '\x00',
  '\x01',
  '\x7f',
  '\t',
  ' ',
  '|',
] as const

function hostPiece(random: Random): string {
  const kind = random.below(100)
  if (kind < 45) return pick(random, names)
  if (kind < 75) return pick(random, marks)
  if (kind < 87) return pick(random, ports)
  if (kind < 95) return pick(random, bad)
  return byteOf(random)
}

function host(random: Random): string | undefined {
  const kind = random.below(1000)
  if (kind < 20) return undefined
  if (kind < 30) return ''
  if (kind < 32) return 'h'.repeat(8175 + random.below(20))
  if (kind < 650) return pick(random, goodHosts)
  return trim(pieces(random, 5, hostPiece))
}

/** Blanks around a target or a header value belong to the line and not to it. */
function trim(text: string): string {
  return text.replace(/^ +| +$/g, '')
}
