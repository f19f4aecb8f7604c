import type { Context, PathContext, Setting } from './declare.js'
import { type Kind, parsed } from './kinds/kind.js'

const NO_AUTH_LOCATIONS = 'no-auth-locations'

/** Beginnings of paths in bytes; an empty one, which every path begins with, is none. */
const beginnings: Kind<readonly string[]> = {
  form: 'beginnings of paths, with commas between them',
  parse: (text) => parsed(listOf(text)),
}

const STANDARD: readonly string[] = ['/.well-known/acme-challenge']

/** For `settings` of a family that asks who a client is. Written empty, no path is exempt. */
export const noAuthLocationsSetting: Readonly<Record<string, Setting>> = {
  [NO_AUTH_LOCATIONS]: {
    kind: beginnings,
    doc: 'Paths of Ingresses that begin so need no login, whatever their annotations say. Written empty, none.',
    fallback: STANDARD.join(','),
    example: '/.well-known/acme-challenge,/public',
    empty: [],
  },
}

/**
 * BAS-8, EXT-10, PATH-9: whether a path is open without authentication, by its text in the Ingress and not by what is
 * asked for.
 */
export function isExemptFromAuth({ path }: Pick<PathContext, 'path'>, { setting }: Pick<Context, 'setting'>): boolean {
  const exempt = (setting(NO_AUTH_LOCATIONS) ?? STANDARD) as readonly string[] // only `beginnings` reads this key
  return exempt.some((beginning) => path.startsWith(beginning))
}

function listOf(text: string): readonly string[] {
  return text
    .split(',')
    .map((item) => Buffer.from(item.trim(), 'utf8').toString('latin1'))
    .filter((item) => item !== '')
}
