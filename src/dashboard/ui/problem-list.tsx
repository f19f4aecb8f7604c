import type { ProblemRow } from '../../observe/shown.js'
import { Badge } from './parts.js'

/** Problems of one object: what is wrong, what happens instead, how to put it right. */
export function ProblemList({ problems }: { readonly problems: readonly ProblemRow[] }) {
  return (
    <ul class="problem-list">
      {problems.map(({ code, severity, title, field, message, file, line }, i) => (
        <li key={`${code} ${field} ${i}`}>
          <p class="what">
            <Badge tone={severity === 'error' ? 'bad' : 'warn'}>{severity}</Badge> {message}
          </p>
          <p class="where">
            <code title={title}>{code}</code>
            {field === '' ? null : <code>{field}</code>}
            {file === undefined ? null : <code>{line === undefined || line === 0 ? file : `${file}:${line}`}</code>}
          </p>
        </li>
      ))}
    </ul>
  )
}
