import type { FrameFile as NamedFile } from '../model/frame-settings.js'
import { NOTHING_TRIED, type TriedKeys } from '../model/tried-keys.js'
import type { Profile } from '../nginx/profile.js'
import { nextPause } from './back-off.js'
import { firstReason } from './complaints.js'
import type { FrameFile } from './frame-file.js'
import type { Done } from './nginx-process.js'

/** A frame that NGINX refused, as a function of what may be at fault. */
export interface Suspects {
  readonly profiles: readonly Profile[]
  /** Keys of the ConfigMap that it depends on, with their texts. */
  readonly keys: ReadonlyMap<string, string>
  readonly files: readonly NamedFile[]
  print(profiles: readonly Profile[], withoutKeys: ReadonlySet<string>): string
}

/** What NGINX refuses, found by trying frames that lack something. */
export interface Blame {
  /** Names of profiles with NGINX's reason (PRX-9). The same map while none is added. */
  refusedProfiles(): ReadonlyMap<string, string>
  tried(): TriedKeys
  /** Finds what is at fault: single profiles where the rest is taken, otherwise keys; nothing where it is neither. */
  find(suspects: Suspects, known: readonly Profile[]): Promise<void>
  /** These texts are in a frame that runs. */
  accept(keys: ReadonlyMap<string, string>): void
  /** Has texts tried again that were refused some time ago: an address may have come to this machine since. */
  reconsider(now: number): void
}

const LONGEST_PAUSE_MILLISECONDS = 300_000

export function createBlame(frameFile: Pick<FrameFile, 'test'>): Blame {
  let profiles: ReadonlyMap<string, string> = new Map()
  let tried = NOTHING_TRIED
  /** When a text is tried again, by key and text; how long that was put off stays known when it is. */
  const pauses = new Map<string, { readonly until: number; readonly milliseconds: number }>()

  async function findProfiles(suspects: Suspects, known: readonly Profile[]): Promise<void> {
    const names = new Set<string>(known.map(({ name }) => name))
    const added = suspects.profiles.filter(({ name }) => !names.has(name) && !profiles.has(name))
    const found = new Map(profiles)
    for (const profile of added) {
      const tested = await frameFile.test(suspects.print([profile], NONE), [profile], suspects.files)
      if (isRefusal(tested)) found.set(profile.name, firstReason(tested.cause))
    }
    if (found.size > profiles.size) profiles = found
  }

  async function findKeys({ keys, files, print }: Suspects): Promise<void> {
    const test = (used: readonly string[]): ReturnType<FrameFile['test']> => {
      const names = new Set(used)
      const left = new Set([...keys.keys()].filter((name) => !names.has(name)))
      return frameFile.test(print([], left), [], files)
    }
    if (!(await test([])).ok) return
    // First those that were taken as they are: who changed one that does not go with them is at fault.
    const isNew = (name: string): number => (tried.taken.get(name) === keys.get(name) ? 0 : 1)
    let rest = [...keys.keys()].sort((a, b) => isNew(a) - isNew(b))
    let used: readonly string[] = []
    for (;;) {
      const whole = await test([...used, ...rest])
      if (whole.ok || !isRefusal(whole)) return
      let [passes, fails, reason] = [0, rest.length, whole.cause]
      while (fails - passes > 1) {
        const middle = (passes + fails) >> 1
        const tested = await test([...used, ...rest.slice(0, middle)])
        if (tested.ok) passes = middle
        else if (isRefusal(tested)) [fails, reason] = [middle, tested.cause]
        else return
      }
      const culprit = rest[passes]
      if (culprit === undefined) return
      refuse(culprit, keys.get(culprit) ?? '', firstReason(reason))
      used = [...used, ...rest.slice(0, passes)]
      rest = rest.slice(fails)
    }
  }

  function refuse(key: string, text: string, reason: string): void {
    const texts = new Map(tried.refused.get(key)).set(text, reason)
    tried = { ...tried, refused: new Map(tried.refused).set(key, texts) }
    const milliseconds = nextPause(pauses.get(nameOf(key, text))?.milliseconds, LONGEST_PAUSE_MILLISECONDS)
    pauses.set(nameOf(key, text), { until: performance.now() + milliseconds, milliseconds })
  }

  return {
    refusedProfiles: () => profiles,
    tried: () => tried,
    async find(suspects, known) {
      const withoutProfiles = await frameFile.test(suspects.print([], NONE), [], suspects.files)
      if (withoutProfiles.ok) await findProfiles(suspects, known)
      else if (isRefusal(withoutProfiles)) await findKeys(suspects)
    },
    accept(keys) {
      const isSame = keys.size === tried.taken.size && [...keys].every(([key, text]) => tried.taken.get(key) === text)
      if (!isSame) tried = { ...tried, taken: keys }
    },
    reconsider(now) {
      const left = [...tried.refused].map(([key, texts]) => {
        const still = [...texts].filter(([text]) => (pauses.get(nameOf(key, text))?.until ?? 0) > now)
        return [key, still.length === texts.size ? texts : new Map(still)] as const
      })
      if (left.some(([key, texts]) => texts !== tried.refused.get(key)))
        tried = { ...tried, refused: new Map(left.filter(([, texts]) => texts.size > 0)) }
    },
  }
}

const NONE: ReadonlySet<string> = new Set()

/** That it could not be written, or that `nginx -t` was ended by somebody, says nothing of what is in it. */
function isRefusal(tested: Done): tested is Done & { readonly ok: false } {
  return !tested.ok && tested.code === undefined && tested.cause.includes('[emerg]')
}

/** No key has a blank. */
function nameOf(key: string, text: string): string {
  return `${key} ${text}`
}
