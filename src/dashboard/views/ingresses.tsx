import { useState } from 'preact/hooks'
import type { IngressRow, Page } from '../../observe/shown.js'
import { type Address, keepInAddress, linkTo } from '../address.js'
import { get } from '../api.js'
import type { Live } from '../live.js'
import { type Column, LongTable, NothingFound } from '../ui/long-table.js'
import { Badge, Heading, Search } from '../ui/parts.js'
import { useSettled } from '../use-answer.js'
import { moment } from '../words.js'

const COLUMNS: readonly Column<IngressRow>[] = [
  {
    title: 'Name',
    width: 2,
    cell: ({ namespace, name, isCanary }) => (
      <span title={`${namespace}/${name}`}>
        <a href={linkTo(['ingresses', namespace, name])}>{name}</a>{' '}
        {isCanary ? <Badge tone="info">canary</Badge> : null}
      </span>
    ),
  },
  { title: 'Namespace', width: 1.2, cell: ({ namespace }) => namespace },
  { title: 'Class', width: 0.9, minor: true, cell: (row) => row.class || '–' },
  { title: 'Address', width: 1.3, minor: true, cell: ({ addresses }) => addresses.join(', ') || '–' },
  {
    title: 'Rules',
    width: 4,
    cell: ({ rules, more }) => (
      <span title={rules.join('\n')}>
        {rules.join(', ')}
        {more > 0 ? ` and ${more} more` : ''}
      </span>
    ),
  },
  { title: 'TLS', width: '44px', minor: true, cell: ({ tls }) => (tls ? 'yes' : 'no') },
  {
    title: 'Created',
    width: 1.4,
    minor: true,
    cell: ({ createdAt }) => (createdAt === undefined ? '–' : moment(createdAt)),
  },
  {
    title: 'Problems',
    width: '76px',
    cell: ({ errors, warnings }) =>
      errors + warnings === 0 ? (
        <Badge tone="good">none</Badge>
      ) : (
        <Badge tone={errors > 0 ? 'bad' : 'warn'}>{errors + warnings}</Badge>
      ),
  },
]

export function Ingresses({ address, live }: { readonly address: Address; readonly live: Live }) {
  const [search, setSearch] = useState(address.query.get('search') ?? '')
  const settled = useSettled(search.trim(), 200)
  const change = (value: string): void => {
    setSearch(value)
    keepInAddress(['ingresses'], { search: value })
  }
  return (
    <>
      <Heading title="Ingresses">
        <Search value={search} label="name, namespace, host, path or class" onChange={change} />
      </Heading>
      <LongTable
        label="Ingresses"
        columns={COLUMNS}
        question={settled}
        version={live.overview?.revision ?? 0}
        load={(offset, limit) => get<Page<IngressRow>>('ingresses', { search: settled, offset, limit })}
        empty={<NothingFound search={settled} what="Ingress" />}
      />
    </>
  )
}
