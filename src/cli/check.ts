import type { Command } from 'commander'
import pc from 'picocolors'
import { describeObject, type Problem } from '../problems/problem.js'
import { addTranslationFlags, type TranslationFlags } from './flags.js'
import { describePlace, locate } from './locate.js'
import { printable, printableJson } from './logs/safe-text.js'
import { withPatternEngine } from './pattern-engine.js'
import { failToRead, readManifests } from './read.js'

interface CheckFlags extends TranslationFlags {
  readonly json?: boolean
}

export function addCheck(program: Command): void {
  const command = program
    .command('check')
    .argument('<path>', 'folder of manifests, or one file')
    .description('list every problem of a folder of manifests; exit 1 if there are errors')
    .option('--json', 'print JSON for programs')
  addTranslationFlags(command).action(async (path: string, flags: CheckFlags) => {
    const read = await withPatternEngine((helper) => readManifests(path, flags, helper))
    if (typeof read === 'string') return failToRead(read)
    const problems = read.problems.map((problem) => locate(problem, read.snapshot))
    const errors = problems.filter(({ severity }) => severity === 'error').length
    const served = read.translation.declared.size
    process.stdout.write(flags.json === true ? printJson(problems, served) : printText(problems, served, errors))
    process.exitCode = errors > 0 ? 1 : 0
  })
}

function printJson(problems: readonly Problem[], served: number): string {
  return `${printableJson({ served, problems }, 2)}\n`
}

function printText(problems: readonly Problem[], served: number, errors: number): string {
  const blocks = problems.map(describe)
  const warnings = problems.length - errors
  const summary = `${count(served, 'Ingress', 'Ingresses')} served, ${count(errors, 'error', 'errors')}, ${count(warnings, 'warning', 'warnings')}`
  return `${[...blocks, errors > 0 ? pc.red(summary) : summary].join('\n')}\n`
}

/** Names of files, and what objects hold, may be anything. */
function describe({ severity, about, field, message, code, position }: Problem): string {
  const place = position === undefined ? '' : `${describePlace(position)}: `
  const label = severity === 'error' ? pc.red('error') : pc.yellow('warning')
  const object = pc.bold(printable(describeObject(about)))
  return `${printable(place)}${label} ${object} ${printable(field)} ${pc.dim(`[${code}]`)}\n  ${printable(message)}`
}

function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`
}
