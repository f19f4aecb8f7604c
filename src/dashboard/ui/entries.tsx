import type { TimelineEntry } from '../../observe/shown.js'
import { fromNow, moment } from '../words.js'
import { Badge, type Tone } from './parts.js'

const KINDS: Readonly<Record<TimelineEntry['kind'], readonly [word: string, tone: Tone]>> = {
  push: ['push', 'info'],
  reload: ['reload', 'warn'],
  refused: ['refused', 'bad'],
  nginx: ['NGINX', 'bad'],
}

/** Things that happened, as a list along a line of time. */
export function Entries({ entries, now }: { readonly entries: readonly TimelineEntry[]; readonly now: number }) {
  return (
    <ol class="entries">
      {entries.map(({ at, kind, text, details, times }) => {
        const [word, tone] = KINDS[kind]
        return (
          <li key={`${at} ${kind} ${text}`} class={tone}>
            <time dateTime={new Date(at).toISOString()} title={moment(at)}>
              {fromNow(at, now)}
            </time>
            <div>
              <p>
                <Badge tone={tone}>{times > 1 ? `${word} × ${times}` : word}</Badge> {text}
              </p>
              {details.length === 0 ? null : (
                <ul class="details">
                  {details.map((detail) => (
                    <li key={detail}>
                      <code>{nameOf(detail)}</code>
                    </li>
                  ))}
                </ul>
              )}
            </div>
          </li>
        )
      })}
    </ol>
  )
}

const KEYS: Readonly<Record<string, string>> = {
  h: 'host',
  w: 'host *.',
  p: 'patterns of host',
  u: 'upstream',
  c: 'certificate',
  a: 'attachment',
  s: '',
  n: '',
}

/** The name of a document of the table in words; everything else as it is. */
function nameOf(detail: string): string {
  const [, letter = '', name = ''] = /^([a-z]):(.*)$/s.exec(detail) ?? []
  const word = KEYS[letter]
  if (word === undefined) return detail
  return letter === 'w' ? `${word}${name}` : `${word} ${name}`.trim()
}
