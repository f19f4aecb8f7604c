import { useState } from 'preact/hooks'
import type { Timeline, TimelineEntry } from '../../observe/shown.js'
import { get } from '../api.js'
import type { Live } from '../live.js'
import { Entries } from '../ui/entries.js'
import { Alert, Card, Empty, Heading } from '../ui/parts.js'
import { useAnswer, useNow } from '../use-answer.js'

/** What NGINX was told, newest first, and why it was reloaded. */
export function TimelineView({ live: { overview } }: { readonly live: Live }) {
  const now = useNow()
  const [kind, setKind] = useState<TimelineEntry['kind'] | 'all'>('all')
  const key = `${overview?.pushes ?? 0} ${overview?.reloads ?? 0} ${overview?.nginx ?? 0}`
  const { value, problem } = useAnswer(key, () => get<Timeline>('timeline'))
  const entries = (value?.entries ?? []).filter((entry) => kind === 'all' || entry.kind === kind)
  return (
    <>
      <Heading title="Changes">
        <select
          value={kind}
          aria-label="Kind"
          onChange={(event) => setKind(KINDS.find((one) => one === event.currentTarget.value) ?? 'all')}
        >
          <option value="all">everything</option>
          <option value="push">pushes</option>
          <option value="reload">reloads</option>
          <option value="refused">refused reloads</option>
          <option value="nginx">NGINX ended or came back</option>
        </select>
      </Heading>
      <p class="lead">
        A change of hosts, routes, endpoints or certificates is pushed and live with the next request. NGINX reads its
        file again only for what cannot be pushed. The latest 200 of either are kept.
      </p>
      {problem === undefined ? null : <Alert>{problem}</Alert>}
      <Card title="Newest first" wide>
        {entries.length === 0 ? (
          <Empty title="Nothing of the kind since the controller started" />
        ) : (
          <Entries entries={entries} now={now} />
        )}
      </Card>
    </>
  )
}

const KINDS = ['push', 'reload', 'refused', 'nginx'] as const
