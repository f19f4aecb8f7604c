import type { AlertChannelRow, AlertRuleRow, AlertSilenceRow, AlertsView } from '../../observe/alerts/view.js'
import { get } from '../api.js'
import { Alert, Badge, Card, Empty, Heading, Table, type Tone } from '../ui/parts.js'
import { useAnswer, useNow } from '../use-answer.js'
import { count, fromNow, moment } from '../words.js'

const TONES = { firing: 'bad', pending: 'warn', resolved: 'info', ok: 'good' } as const satisfies Record<
  AlertRuleRow['state'],
  Tone
>
const WORDS = {
  follows: 'Another replica leads and tells; what is here is what this one sees.',
  undecided: 'It is not known yet which replica tells; nothing is told until then.',
} as const

/** Rules with their incidents, silences and channels; asked for anew every few seconds. */
export function Alerts() {
  const now = useNow()
  const { value, problem } = useAnswer(String(now), () => get<AlertsView>('alerts'))
  return (
    <>
      <Heading title="Alerts" />
      {problem === undefined ? null : <Alert>{problem}</Alert>}
      {value === undefined ? null : <Whole view={value} now={now} />}
    </>
  )
}

function Whole({ view, now }: { readonly view: AlertsView; readonly now: number }) {
  if (!view.enabled)
    return (
      <Empty title="No alerts">A file of rules is given with --alert-rules; docs/alerts.md says what is in it.</Empty>
    )
  const firing = view.rules.filter(({ state }) => state === 'firing').length
  return (
    <>
      {view.fileProblem === undefined ? null : (
        <Alert>The file of rules cannot be used, and the rules before it hold: {view.fileProblem}</Alert>
      )}
      {view.problems.map(({ subject, field, message, line }) => (
        <Alert key={`${field} ${message}`}>
          {subject}, {field}
          {line === undefined ? '' : ` (line ${line})`}: {message} It is left out.
        </Alert>
      ))}
      {view.role === 'leads' ? null : <p class="lead">{WORDS[view.role]}</p>}
      <Card title="Rules" note={firing === 0 ? 'nothing is firing' : `${count(firing)} firing`} wide>
        {view.rules.length === 0 ? <Empty title="No rules" /> : <Rules rules={view.rules} now={now} />}
      </Card>
      <Card title="Channels" wide>
        {view.channels.length === 0 ? (
          <Empty title="No channels">Incidents are shown here and logged, and nobody is told.</Empty>
        ) : (
          <Channels channels={view.channels} now={now} />
        )}
      </Card>
      {view.silences.length === 0 ? null : (
        <Card title="Silences" wide>
          <Silences silences={view.silences} now={now} />
        </Card>
      )}
    </>
  )
}

function Rules({ rules, now }: { readonly rules: readonly AlertRuleRow[]; readonly now: number }) {
  return (
    <Table columns={['State', 'Rule', 'Condition', 'Since', 'Last told']}>
      {rules.map((rule) => (
        <tr key={rule.name}>
          <td>
            <Badge tone={TONES[rule.state]}>{rule.state}</Badge>
          </td>
          <td>
            <strong>{rule.name}</strong> <span class="note">{rule.severity}</span>
            {rule.problem === undefined ? null : <div class="note">not looked at: {rule.problem}</div>}
            <Series rule={rule} now={now} />
          </td>
          <td>{rule.condition}</td>
          <td>
            <Time at={rule.since} now={now} />
          </td>
          <td>
            <Time at={rule.lastTold} now={now} />
          </td>
        </tr>
      ))}
    </Table>
  )
}

function Series({ rule, now }: { readonly rule: AlertRuleRow; readonly now: number }) {
  const told = rule.series.filter(({ state }) => state !== 'ok')
  if (told.length === 0) return null
  return (
    <ul class="note">
      {told.map(({ labels, state, since, value, silencedUntil }) => (
        <li key={JSON.stringify(labels)}>
          {state} {fromNow(since, now)}
          {labels.map(([name, text]) => ` ${name}=${text}`).join('')}
          {value === undefined ? '' : `: ${value}`}
          {silencedUntil === undefined ? '' : ` (silenced until ${moment(silencedUntil)})`}
        </li>
      ))}
      {rule.more === 0 ? null : <li>and {count(rule.more)} more series</li>}
    </ul>
  )
}

function Channels({ channels, now }: { readonly channels: readonly AlertChannelRow[]; readonly now: number }) {
  return (
    <Table columns={['Channel', 'To', 'Sent', 'Waiting', 'Failed, dropped', 'Last sent']}>
      {channels.map(({ name, kind, target, sent, waiting, failed, dropped, lastSent, problem }) => (
        <tr key={name}>
          <td>
            <strong>{name}</strong> <span class="note">{kind}</span>
          </td>
          <td>
            {target}
            {problem === undefined ? null : (
              <div>
                <Badge tone="bad">{problem}</Badge>
              </div>
            )}
          </td>
          <td>{count(sent)}</td>
          <td>{count(waiting)}</td>
          <td>{failed + dropped === 0 ? '–' : `${count(failed)}, ${count(dropped)}`}</td>
          <td>
            <Time at={lastSent} now={now} />
          </td>
        </tr>
      ))}
    </Table>
  )
}

function Silences({ silences, now }: { readonly silences: readonly AlertSilenceRow[]; readonly now: number }) {
  return (
    <Table columns={['State', 'Matches', 'Until', 'Why']}>
      {silences.map(({ match, until, comment, state }) => (
        <tr key={`${JSON.stringify(match)} ${until}`}>
          <td>
            <Badge tone={state === 'in force' ? 'warn' : 'plain'}>{state}</Badge>
          </td>
          <td>{match.map(([name, pattern]) => `${name}=${pattern}`).join(' ')}</td>
          <td>
            <Time at={until} now={now} />
          </td>
          <td>{comment}</td>
        </tr>
      ))}
    </Table>
  )
}

function Time({ at, now }: { readonly at: number | undefined; readonly now: number }) {
  return at === undefined ? <>–</> : <span title={moment(at)}>{fromNow(at, now)}</span>
}
