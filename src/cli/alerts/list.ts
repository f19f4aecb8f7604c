import pc from 'picocolors'
import { describeProblem } from '../../observe/alerts/alerts.js'
import type { Labels } from '../../observe/alerts/figures.js'
import type { AlertRuleRow, AlertsView } from '../../observe/alerts/view.js'
import { getFromAdmin } from '../ask-admin.js'
import { printable, printableJson } from '../logs/safe-text.js'
import { failToRead } from '../read.js'

export interface ListFlags {
  readonly admin: string
  readonly adminTokenFile?: string
  readonly json?: boolean
}

/** `fairlead alerts`. */
export async function listAlerts(flags: ListFlags): Promise<void> {
  const answer = await getFromAdmin(flags.admin, flags.adminTokenFile, '/api/alerts')
  if (!answer.ok) return failToRead(answer.message)
  const view = answer.body as AlertsView // our own answer
  if (!Array.isArray(view.rules))
    return failToRead('What answers there is not the admin port of a Fairlead with alerts.')
  if (view.rules.some(({ state }) => state === 'firing')) process.exitCode = 1
  process.stdout.write(flags.json === true ? `${printableJson(view, 2)}\n` : printAlerts(view))
}

const COLOURS = { firing: pc.red, pending: pc.yellow, resolved: pc.cyan, ok: pc.green } as const

/** What clients sent may be in labels: nothing of it moves the cursor of a terminal. */
export function printAlerts(view: AlertsView): string {
  if (!view.enabled) return 'There are no alerts: serve has no --alert-rules.\n'
  const lines = [
    ...(view.role === 'leads'
      ? []
      : [view.role === 'follows' ? 'Another replica leads and tells.' : 'It is not known yet which replica tells.']),
    ...(view.fileProblem === undefined ? [] : [pc.red(printable(`The file cannot be used: ${view.fileProblem}`))]),
    ...view.problems.map((problem) => pc.red(printable(`left out: ${describeProblem(problem)}`))),
    ...view.rules.flatMap(ruleLines),
    ...view.silences.map(
      ({ match, until, state, comment }) =>
        `silence ${state}, until ${time(until)}: ${labels(match)}${comment === '' ? '' : `: ${printable(comment)}`}`,
    ),
    ...view.channels.map(({ name, target, waiting, sent, failed, dropped, problem }) => {
      const counts = `${sent} sent, ${failed} failed, ${dropped} dropped, ${waiting} waiting`
      return `channel ${name} (${printable(target)}): ${counts}${problem === undefined ? '' : `: ${pc.red(printable(problem))}`}`
    }),
  ]
  return `${lines.join('\n')}\n`
}

function ruleLines(rule: AlertRuleRow): readonly string[] {
  const since = rule.since === undefined ? '' : ` since ${time(rule.since)}`
  const told = rule.lastTold === undefined ? '' : `, last told ${time(rule.lastTold)}`
  const problem = rule.problem === undefined ? '' : pc.red(`: ${printable(rule.problem)}`)
  const head = `${COLOURS[rule.state](rule.state.padEnd(8))} ${rule.name} [${rule.severity}]${since}${told}: ${printable(rule.condition)}${problem}`
  const series = rule.series
    .filter(({ state, labels: own }) => state !== 'ok' && own.length > 0)
    .map(({ labels: own, state, since: began, value, silencedUntil }) => {
      const silenced = silencedUntil === undefined ? '' : `, silenced until ${time(silencedUntil)}`
      return `         ${state} since ${time(began)}: ${labels(own)}${value === undefined ? '' : ` is ${value}`}${silenced}`
    })
  return [head, ...series]
}

function labels(pairs: Labels): string {
  return pairs.map(([name, text]) => `${name}=${printable(text)}`).join(' ')
}

function time(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z')
}
