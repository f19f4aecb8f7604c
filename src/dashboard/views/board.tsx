import { useState } from 'preact/hooks'
import type { BoardName } from '../../observe/boards/boards.js'
import type { Board, NoBoard } from '../../observe/boards/panel.js'
import { type Address, keepInAddress } from '../address.js'
import { get } from '../api.js'
import { PanelView } from '../ui/panel.js'
import { Alert, Empty, Heading } from '../ui/parts.js'
import { useAnswer, useNow, useSettled } from '../use-answer.js'
import { bytes, count, moment, plural } from '../words.js'

const REFRESH_MILLISECONDS = 10_000

/** A board over the access log; made anew every ten seconds while it is looked at. */
export function BoardView({
  name,
  title,
  address,
}: {
  readonly name: BoardName
  readonly title: string
  readonly address: Address
}) {
  const [host, setHost] = useState(address.query.get('host') ?? '')
  const [a, setA] = useState(address.query.get('a') ?? '')
  const [b, setB] = useState(address.query.get('b') ?? '')
  const [kind, setKind] = useState(address.query.get('kind') ?? 'recent')
  const settledHost = useSettled(host.trim(), 400)
  const turn = Math.floor(useNow(REFRESH_MILLISECONDS) / REFRESH_MILLISECONDS)
  const visible = document.visibilityState === 'visible' ? turn : 0
  const { value, problem } = useAnswer(`${name} ${settledHost} ${a} ${b} ${kind} ${visible}`, () =>
    get<Board | NoBoard>(`boards/${name}`, { host: settledHost.toLowerCase(), a, b, kind }),
  )
  const choose = (next: Readonly<Partial<Record<'host' | 'a' | 'b' | 'kind', string>>>): void => {
    setHost(next.host ?? host)
    setA(next.a ?? a)
    setB(next.b ?? b)
    setKind(next.kind ?? kind)
    const kept = { host, a, b, kind, ...next }
    keepInAddress([name === 'overview' ? 'traffic' : name], { ...kept, kind: kept.kind === 'recent' ? '' : kept.kind })
  }
  const board = value !== undefined && 'panels' in value ? value : undefined
  return (
    <>
      <Heading title={title}>
        {name === 'monitoring' ? (
          <input
            class="search"
            type="search"
            aria-label="Host"
            placeholder="all hosts; or one, in full"
            value={host}
            onInput={(event) => choose({ host: event.currentTarget.value })}
          />
        ) : null}
        {name === 'blue-green' ? (
          <>
            <ServiceChoice
              label="Service A"
              value={a}
              services={board?.services ?? []}
              onChoose={(chosen) => choose({ a: chosen })}
            />
            <ServiceChoice
              label="Service B"
              value={b}
              services={board?.services ?? []}
              onChoose={(chosen) => choose({ b: chosen })}
            />
          </>
        ) : null}
        {name === 'exceptions' ? (
          <select
            aria-label="Compared with"
            value={kind}
            onChange={(event) => choose({ kind: event.currentTarget.value })}
          >
            <option value="recent">against the minutes before</option>
            <option value="season">against the same hour of other days</option>
          </select>
        ) : null}
      </Heading>
      {board?.lead === undefined ? null : <p class="lead">{board.lead}</p>}
      {problem === undefined ? null : <Alert>{problem}</Alert>}
      {value !== undefined && 'nothing' in value ? <Empty title="Nothing yet">{value.nothing}</Empty> : null}
      {board === undefined ? null : (
        <>
          <div class="panels">
            {board.panels.map((panel) => (
              <PanelView panel={panel} key={`${kind} ${panel.title}`} />
            ))}
          </div>
          <Origin board={board} />
        </>
      )}
    </>
  )
}

function ServiceChoice({
  label,
  value,
  services,
  onChoose,
}: {
  readonly label: string
  readonly value: string
  readonly services: readonly string[]
  readonly onChoose: (service: string) => void
}) {
  const all = value === '' || services.includes(value) ? services : [value, ...services]
  return (
    <select aria-label={label} value={value} onChange={(event) => onChoose(event.currentTarget.value)}>
      <option value="">{label}…</option>
      {all.map((service) => (
        <option value={service} key={service}>
          {service}
        </option>
      ))}
    </select>
  )
}

/** What the numbers are made of, and what of the log is not in them. */
function Origin({ board: { status, at } }: { readonly board: Board }) {
  const { records, unparsable, lost, misdated, tooOld, oldest, store } = status
  const missing = [
    unparsable > 0 ? `${plural(unparsable, 'line')} could not be read` : '',
    lost > 0 ? `${plural(lost, 'line')} came too fast` : '',
    misdated > 0 ? `${plural(misdated, 'line')} had no possible time` : '',
    tooOld > 0 ? `${plural(tooOld, 'line')} were too old` : '',
  ].filter((text) => text !== '')
  return (
    <p class="note origin">
      From {count(records)} lines of the access log{oldest === undefined ? '' : `, since ${moment(oldest)}`}; made at{' '}
      {moment(at)}. {missing.length === 0 ? 'Nothing of it is missing.' : `Not in it: ${missing.join(', ')}.`}{' '}
      {store.kind === 'raw'
        ? `Raw store: ${bytes(store.bytes)}${store.notKept === undefined || store.notKept === 0 ? '' : `, ${plural(store.notKept, 'line')} not kept`}${store.problem === undefined ? '' : `, ${store.problem}`}.`
        : `The raw store is off: ${store.reason.replace(/\.$/, '')}.`}
    </p>
  )
}
