import { useState } from 'preact/hooks'
import type { CertificateRow, Page } from '../../observe/shown.js'
import { type Address, keepInAddress } from '../address.js'
import { get } from '../api.js'
import type { Live } from '../live.js'
import { type Column, LongTable, NothingFound } from '../ui/long-table.js'
import { Badge, Heading, Search } from '../ui/parts.js'
import { useNow, useSettled } from '../use-answer.js'
import { fromNow, moment } from '../words.js'

const DAY = 86_400_000

function columns(now: number): readonly Column<CertificateRow>[] {
  return [
    {
      title: 'Secret',
      width: 2,
      cell: ({ secret, isDefault }) => (
        <span title={secret}>
          {isDefault && secret === 'default' ? <em>self-signed</em> : secret}{' '}
          {isDefault ? <Badge tone="plain">default</Badge> : null}
        </span>
      ),
    },
    { title: 'Names', width: 3, cell: ({ names }) => <span title={names.join('\n')}>{names.join(', ') || '–'}</span> },
    {
      title: 'Ends',
      width: '124px',
      cell: ({ notAfter, notBefore }) => <Expiry notBefore={notBefore} notAfter={notAfter} now={now} />,
    },
    {
      title: 'On',
      width: '92px',
      minor: true,
      cell: ({ notAfter }) => <span title={moment(notAfter)}>{moment(notAfter).slice(0, '2026-11-26'.length)}</span>,
    },
    { title: 'Issuer', width: 2, minor: true, cell: ({ issuer }) => <span title={issuer}>{issuer}</span> },
    { title: 'Hosts', width: '84px', cell: ({ hosts, isDefault }) => (isDefault ? 'all others' : hosts) },
    {
      title: 'Problems',
      width: '76px',
      minor: true,
      cell: ({ problems }) =>
        problems.length === 0 ? (
          <Badge tone="good">none</Badge>
        ) : (
          <span title={problems.map(({ message }) => message).join('\n')}>
            <Badge tone="warn">{problems.length}</Badge>
          </span>
        ),
    },
  ]
}

function Expiry({
  notBefore,
  notAfter,
  now,
}: {
  readonly notBefore: number
  readonly notAfter: number
  readonly now: number
}) {
  if (notAfter < now) return <Badge tone="bad">expired {fromNow(notAfter, now)}</Badge>
  if (notBefore > now) return <Badge tone="bad">not valid yet</Badge>
  return <Badge tone={notAfter < now + 10 * DAY ? 'warn' : 'good'}>{fromNow(notAfter, now)}</Badge>
}

/** The certificates that are served, the one that ends first before the others. */
export function Certificates({ address, live }: { readonly address: Address; readonly live: Live }) {
  const now = useNow(60_000)
  const [search, setSearch] = useState(address.query.get('search') ?? '')
  const settled = useSettled(search.trim(), 200)
  const change = (value: string): void => {
    setSearch(value)
    keepInAddress(['certificates'], { search: value })
  }
  return (
    <>
      <Heading title="Certificates">
        <Search value={search} label="Secret or name" onChange={change} />
      </Heading>
      <LongTable
        label="Certificates"
        columns={columns(now)}
        question={settled}
        version={live.overview?.revision ?? 0}
        load={(offset, limit) => get<Page<CertificateRow>>('certificates', { search: settled, offset, limit })}
        empty={<NothingFound search={settled} what="certificate" />}
      />
    </>
  )
}
