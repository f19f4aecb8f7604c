import type { Profile } from '../nginx/profile.js'

/** Why a frame is loaded, for people. */
export interface FrameChange {
  /** `profiles`: directives that only the file can hold are needed for the first time; `settings`: other lines differ. */
  readonly why: 'profiles' | 'settings' | 'both' | 'other'
  /** Names of directives of new profiles; lines that came (`+`) and went (`-`). */
  readonly details: readonly string[]
}

const LINES = 8

/**
 * What makes a new frame differ from the one that runs. `before` and `after` are texts of the same generation and with the
 * same profiles, so that only what settings decide differs between them.
 */
export function describeFrameChange(
  before: string,
  after: string,
  had: readonly Profile[],
  has: readonly Profile[],
): FrameChange {
  const added = has.filter(({ name }) => had.every((one) => one.name !== name))
  const lines = before === after ? [] : differentLines(before, after)
  const profiles = added.map(
    ({ directives }) => `profile: ${[...new Set(directives.map(({ name }) => name))].join(', ')}`,
  )
  return {
    why: lines.length > 0 ? (profiles.length > 0 ? 'both' : 'settings') : profiles.length > 0 ? 'profiles' : 'other',
    details: [...profiles, ...lines].slice(0, LINES),
  }
}

function differentLines(before: string, after: string): readonly string[] {
  const old = before.split('\n').map((line) => line.trim())
  const now = after.split('\n').map((line) => line.trim())
  const had = new Set(old)
  const has = new Set(now)
  const came = now.filter((line) => line !== '' && !had.has(line)).map((line) => `+ ${line}`)
  const went = old.filter((line) => line !== '' && !has.has(line)).map((line) => `- ${line}`)
  return [...came, ...went]
}

/** Something that NGINX was told, for people. */
export interface Happening {
  readonly kind: 'push' | 'reload' | 'refused' | 'nginx'
  /** One sentence. */
  readonly text: string
  /** Names of documents, or what differs in the file; not all where they are many. */
  readonly details: readonly string[]
}

/** The sentence of a reload. */
export function frameChangeSentence(generation: number, { why }: FrameChange): string {
  switch (why) {
    case 'profiles':
      return `NGINX was reloaded (frame ${generation}): directives that only its file can hold are used for the first time`
    case 'settings':
      return `NGINX was reloaded (frame ${generation}): settings of its file changed`
    case 'both':
      return `NGINX was reloaded (frame ${generation}): settings of its file changed, and directives are used for the first time`
    case 'other':
      return `NGINX was reloaded (frame ${generation}): its file is written by another version, or without what nobody needs any more`
  }
}
