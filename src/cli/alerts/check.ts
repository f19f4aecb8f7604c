import { readFileSync } from 'node:fs'
import pc from 'picocolors'
import { targetOf } from '../../observe/alerts/alerts.js'
import { readConfig } from '../../observe/alerts/read-config.js'
import type { AlertConfig } from '../../observe/alerts/rule.js'
import { conditionOf } from '../../observe/alerts/watched.js'
import { printable, printableJson } from '../logs/safe-text.js'
import { failToRead } from '../read.js'

/** `fairlead alerts check`. */
export function checkRules(file: string, form: 'text' | 'json'): void {
  const config = readRulesFile(file)
  if (typeof config === 'string') return failToRead(config)
  const { rules, channels, silences, problems } = config
  if (problems.length > 0) process.exitCode = 1
  if (form === 'json') {
    const names = rules.map((rule) => ({ name: rule.name, condition: conditionOf(rule), severity: rule.severity }))
    process.stdout.write(`${printableJson({ rules: names, problems }, 2)}\n`)
    return
  }
  for (const { subject, field, message, line } of problems) {
    const place = line === undefined ? file : `${file}:${line}`
    const about = `${pc.bold(printable(subject))} ${printable(field)}`
    process.stdout.write(`${place}: ${pc.red('error')} ${about}\n  ${printable(message)}\n`)
  }
  for (const rule of rules) process.stdout.write(`rule     ${rule.name}: ${printable(conditionOf(rule))}\n`)
  for (const channel of channels) process.stdout.write(`channel  ${channel.name}: ${printable(targetOf(channel))}\n`)
  const summary = `${rules.length} rules, ${channels.length} channels, ${silences.length} silences, ${problems.length} problems`
  process.stdout.write(`${problems.length > 0 ? pc.red(summary) : summary}\n`)
}

/** A sentence if it cannot be read. */
export function readRulesFile(file: string): AlertConfig | string {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    return `The rules cannot be read: ${cause instanceof Error ? cause.message : String(cause)}.`
  }
  const read = readConfig(text)
  return read.ok ? read.config : `${file} cannot be used: ${read.message}`
}
