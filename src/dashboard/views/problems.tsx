import { useState } from 'preact/hooks'
import type { ObjectProblems, Page } from '../../observe/shown.js'
import { type Address, keepInAddress, linkTo } from '../address.js'
import { get } from '../api.js'
import type { Live } from '../live.js'
import { Alert, Empty, Heading, Search } from '../ui/parts.js'
import { ProblemList } from '../ui/problem-list.js'
import { useAnswer, useSettled } from '../use-answer.js'
import { count, plural } from '../words.js'

const STEP = 50
const MOST = 200

/** Problems by object, errors first. */
export function Problems({ address, live }: { readonly address: Address; readonly live: Live }) {
  const [search, setSearch] = useState(address.query.get('search') ?? '')
  const [severity, setSeverity] = useState(address.query.get('severity') ?? 'all')
  const [limit, setLimit] = useState(STEP)
  const settled = useSettled(search.trim(), 200)
  const { errors = 0, warnings = 0 } = live.overview?.problems ?? {}
  const key = `${settled} ${severity} ${limit} ${errors} ${warnings} ${live.overview?.revision ?? 0}`
  const { value, problem } = useAnswer(key, () =>
    get<Page<ObjectProblems>>('problems', { search: settled, severity, limit }),
  )
  const change = (next: { readonly search?: string; readonly severity?: string }): void => {
    setSearch(next.search ?? search)
    setSeverity(next.severity ?? severity)
    keepInAddress(['problems'], { search: next.search ?? search, severity: next.severity ?? severity })
  }
  return (
    <>
      <Heading title="Problems">
        <select
          value={severity}
          aria-label="Severity"
          onChange={(event) => change({ severity: event.currentTarget.value })}
        >
          <option value="all">errors and warnings</option>
          <option value="error">errors</option>
          <option value="warning">warnings</option>
        </select>
        <Search value={search} label="object, code or message" onChange={(text) => change({ search: text })} />
      </Heading>
      <p class="lead">
        {plural(errors, 'error')}, by which a part is left out; {plural(warnings, 'warning')}, with which it works or a
        default applies.
      </p>
      {problem === undefined ? null : <Alert>{problem}</Alert>}
      {value?.total === 0 ? (
        <Empty title={settled === '' && severity === 'all' ? 'Nothing is wrong' : 'None like this'}>
          {settled === '' && severity === 'all' ? 'Every object that was read is served as it says.' : undefined}
        </Empty>
      ) : null}
      <div class="problem-groups">
        {(value?.rows ?? []).map((group) => (
          <section class="card wide" key={`${group.kind} ${group.namespace} ${group.name}`}>
            <header>
              <h2>
                <small>{group.kind}</small> <ObjectName group={group} />
              </h2>
            </header>
            <ProblemList problems={group.problems} />
          </section>
        ))}
      </div>
      {value !== undefined && value.total > value.rows.length ? (
        limit >= MOST ? (
          <p class="note">
            {count(value.total - value.rows.length)} more objects; search for them, or run “fairlead check”.
          </p>
        ) : (
          <button type="button" onClick={() => setLimit(Math.min(MOST, limit + STEP))}>
            Show more of {count(value.total)} objects
          </button>
        )
      ) : null}
    </>
  )
}

function ObjectName({ group: { kind, namespace, name } }: { readonly group: ObjectProblems }) {
  const text = namespace === '' ? name : `${namespace}/${name}`
  return kind === 'Ingress' ? <a href={linkTo(['ingresses', namespace, name])}>{text}</a> : <>{text}</>
}
