import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { Overview, Page, RouteOrder, RouteRow } from '../../observe/shown.js'
import { type Address, keepInAddress, linkTo } from '../address.js'
import { get } from '../api.js'
import type { Live } from '../live.js'
import { type Column, LongTable, NothingFound } from '../ui/long-table.js'
import { Badge, Heading, Search } from '../ui/parts.js'
import { shareTone, shown } from '../ui/values.js'
import { useSettled } from '../use-answer.js'

/** How a path is matched, in words. */
export const MATCHES: Readonly<Record<RouteRow['match'], string>> = {
  exact: 'Exact',
  prefix: 'Prefix',
  slash: 'adds a slash',
  regex: 'pattern',
  implicit: 'all others',
}

const COLUMNS: readonly Column<RouteRow>[] = [
  { title: 'Host', width: 3.2, order: 'host', cell: ({ host }) => <HostName host={host} /> },
  {
    title: 'Path',
    width: 2,
    cell: ({ path, match }) => (
      <>
        <code title={path}>{path}</code> <small>{MATCHES[match]}</small>
      </>
    ),
  },
  {
    title: 'Goes to',
    width: 2.8,
    minor: true,
    cell: ({ to, canary }) => (
      <span title={canary === undefined ? to : `${to}, canary ${canary}`}>
        {to} {canary === undefined ? null : <Badge tone="info">canary</Badge>}
      </span>
    ),
  },
  {
    title: 'Ready',
    about: 'Endpoints that are ready',
    width: '48px',
    minor: true,
    numeric: true,
    cell: ({ endpoints }) =>
      endpoints === undefined ? '–' : <Badge tone={endpoints === 0 ? 'bad' : 'good'}>{endpoints}</Badge>,
  },
  {
    title: 'Req/s',
    about: 'Requests a second, of the last minute',
    width: '58px',
    numeric: true,
    order: 'rate',
    cell: ({ live }) => <Quiet>{live === undefined ? undefined : shown(live.requestsPerSecond, 'rate')}</Quiet>,
  },
  {
    title: '5xx',
    about: 'Part of the requests of the last minute that was answered with 5xx; ordered by how many they were',
    width: '58px',
    numeric: true,
    order: 'errors',
    cell: ({ live }) => (
      <Quiet>
        {live === undefined ? undefined : (
          <span class={`value ${shareTone(live.serverErrorShare)}`}>{shown(live.serverErrorShare, 'share')}</span>
        )}
      </Quiet>
    ),
  },
  {
    title: 'Latency',
    about: 'Average of the last minute',
    width: '70px',
    numeric: true,
    order: 'latency',
    cell: ({ live }) => (
      <Quiet>
        {live === undefined ? undefined : (
          <span title={`95 percent took at most about ${shown(live.latencyP95, 'seconds')}`}>
            {shown(live.latencyAverage, 'seconds')}
          </span>
        )}
      </Quiet>
    ),
  },
  {
    title: 'Ingress',
    width: 1.8,
    minor: true,
    cell: ({ ingress }) =>
      ingress === undefined ? (
        '–'
      ) : (
        <a href={linkTo(['ingresses', ...ingress.split('/')])} title={ingress}>
          {ingress}
        </a>
      ),
  },
  {
    title: '',
    width: '54px',
    minor: true,
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

/** A figure, or that there was no request. */
function Quiet({ children }: { readonly children: ComponentChildren }) {
  return children === undefined ? <span class="quiet">–</span> : <>{children}</>
}

function HostName({ host }: { readonly host: string }) {
  if (host === '_') return <em title="names that nobody declared">default server</em>
  const name = host.replace(/^~/, '')
  return (
    <>
      <a href={linkTo(['hosts', name])} title={name}>
        {name}
      </a>{' '}
      {host === name ? null : (
        <span title="names that match a pattern of its aliases">
          <Badge tone="plain">patterns</Badge>
        </span>
      )}
    </>
  )
}

const ORDERS: readonly RouteOrder[] = ['host', 'rate', 'errors', 'latency']

/** All routes, searchable, with what they had to do in the last minute. */
export function Routes({ address, live }: { readonly address: Address; readonly live: Live }) {
  const [search, setSearch] = useState(address.query.get('search') ?? '')
  const [order, setOrder] = useState<RouteOrder>(orderOf(address.query.get('order')))
  const settled = useSettled(search.trim(), 200)
  const change = (next: { readonly search?: string; readonly order?: RouteOrder }): void => {
    setSearch(next.search ?? search)
    setOrder(next.order ?? order)
    const kept = next.order ?? order
    keepInAddress(['routes'], { search: next.search ?? search, order: kept === 'host' ? '' : kept })
  }
  const { revision = 0, traffic } = live.overview ?? {}
  return (
    <>
      <Heading title="Routes">
        <select
          class="narrow-only"
          aria-label="Order"
          value={order}
          onChange={(event) => change({ order: orderOf(event.currentTarget.value) })}
        >
          <option value="host">by host</option>
          <option value="rate">most requests first</option>
          <option value="errors">most 5xx first</option>
          <option value="latency">slowest first</option>
        </select>
        <Search value={search} label="host, path, Service or Ingress" onChange={(text) => change({ search: text })} />
      </Heading>
      <Uncounted traffic={traffic} />
      <LongTable
        label="Routes"
        columns={COLUMNS}
        question={`${order} ${settled}`}
        version={revision + (traffic?.kind === 'counted' ? traffic.looks : 0)}
        load={(offset, limit) => get<Page<RouteRow>>('routes', { search: settled, order, offset, limit })}
        empty={<NothingFound search={settled} what="route" />}
        ordering={{ by: order, choose: (chosen) => change({ order: orderOf(chosen) }) }}
      />
    </>
  )
}

/** Why there are no figures, and what to do. */
export function Uncounted({ traffic }: { readonly traffic: Overview['traffic'] | undefined }) {
  const reason = traffic === undefined ? undefined : traffic.kind === 'none' ? traffic.reason : traffic.limited
  return reason === undefined ? null : <p class="lead">{reason}</p>
}

function orderOf(text: string | null): RouteOrder {
  return ORDERS.find((order) => order === text) ?? 'host'
}
