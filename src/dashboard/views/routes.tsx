import { useState } from 'preact/hooks'
import type { Page, RouteRow } from '../../observe/shown.js'
import { type Address, keepInAddress, linkTo } from '../address.js'
import { get } from '../api.js'
import type { Live } from '../live.js'
import { type Column, LongTable, NothingFound } from '../ui/long-table.js'
import { Badge, Heading, Search } from '../ui/parts.js'
import { useSettled } from '../use-answer.js'

const MATCHES: Readonly<Record<RouteRow['match'], string>> = {
  exact: 'Exact',
  prefix: 'Prefix',
  slash: 'adds a slash',
  regex: 'pattern',
  implicit: 'all others',
}

const COLUMNS: readonly Column<RouteRow>[] = [
  { title: 'Host', width: 3, cell: ({ host }) => <HostName host={host} /> },
  { title: 'Path', width: 2.4, cell: ({ path }) => <code title={path}>{path}</code> },
  { title: 'Match', width: '112px', cell: ({ match }) => MATCHES[match], minor: true },
  {
    title: 'Goes to',
    width: 3,
    cell: ({ to, canary }) => (
      <span title={canary === undefined ? to : `${to}, canary ${canary}`}>
        {to} {canary === undefined ? null : <Badge tone="info">canary</Badge>}
      </span>
    ),
  },
  {
    title: 'Endpoints',
    width: '76px',
    cell: ({ endpoints }) =>
      endpoints === undefined ? '–' : <Badge tone={endpoints === 0 ? 'bad' : 'good'}>{endpoints}</Badge>,
  },
  {
    title: 'Ingress',
    width: 2,
    minor: true,
    cell: ({ ingress }) =>
      ingress === undefined ? '–' : <a href={linkTo(['ingresses', ...ingress.split('/')])}>{ingress}</a>,
  },
  {
    title: '',
    width: '62px',
    cell: ({ host, path, secure, match }) =>
      match === 'regex' || host === '_' || host.startsWith('~') ? null : (
        <a
          href={linkTo(['explain'], { url: `${secure ? 'https' : 'http'}://${host.replace(/^\*/, 'any')}${path}` })}
          aria-label={`explain ${host}${path}`}
        >
          explain
        </a>
      ),
  },
]

function HostName({ host }: { readonly host: string }) {
  if (host === '_') return <em title="names that nobody declared">default server</em>
  if (host.startsWith('~'))
    return (
      <span title="names that match a pattern of its aliases">
        {host.slice(1)} <Badge tone="plain">patterns</Badge>
      </span>
    )
  return <span title={host}>{host}</span>
}

/** All routes, searchable. */
export function Routes({ address, live }: { readonly address: Address; readonly live: Live }) {
  const [search, setSearch] = useState(address.query.get('search') ?? '')
  const settled = useSettled(search.trim(), 200)
  const change = (value: string): void => {
    setSearch(value)
    keepInAddress(['routes'], { search: value })
  }
  return (
    <>
      <Heading title="Routes">
        <Search value={search} label="host, path, Service or Ingress" onChange={change} />
      </Heading>
      <LongTable
        label="Routes"
        columns={COLUMNS}
        question={settled}
        version={live.overview?.revision ?? 0}
        load={(offset, limit) => get<Page<RouteRow>>('routes', { search: settled, offset, limit })}
        empty={<NothingFound search={settled} what="route" />}
      />
    </>
  )
}
