import type { Command } from 'commander'
import pc from 'picocolors'
import { catalogue, type Severity } from '../problems/catalogue.js'

interface Entry {
  readonly code: string
  readonly severity: Severity
  readonly title: string
}

/** `fairlead problems`: the catalogue in the terminal, whole, by family (`tls`) or by code. Exit 2 when nothing fits. */
export function addProblems(program: Command): void {
  program
    .command('problems')
    .argument('[code]', 'a code such as tls/expired, or the part before the slash')
    .description('explain the codes that problems carry')
    .option('--json', 'print JSON for programs')
    .action((code: string | undefined, flags: { readonly json?: boolean }) => {
      const found = entriesFor(code)
      if (found.length === 0) {
        const families = [...new Set(entriesFor(undefined).map(familyOf))].join(', ')
        process.stderr.write(
          `fairlead: There is no problem ${JSON.stringify(code)}. There are those of: ${families}.\n`,
        )
        process.exitCode = 2
        return
      }
      process.stdout.write(flags.json === true ? `${JSON.stringify(found, null, 2)}\n` : printText(found))
    })
}

function entriesFor(code: string | undefined): readonly Entry[] {
  const all = Object.entries(catalogue).map(([name, { severity, title }]) => ({ code: name, severity, title }))
  return code === undefined ? all : all.filter((entry) => entry.code === code || familyOf(entry) === code)
}

function familyOf({ code }: Entry): string {
  return code.slice(0, code.indexOf('/'))
}

function printText(entries: readonly Entry[]): string {
  const blocks = entries.map(({ code, severity, title }) => {
    const label = severity === 'error' ? pc.red('error') : pc.yellow('warning')
    return `${pc.bold(code)} ${label}\n  ${title}\n`
  })
  return `${blocks.join('')}${pc.dim('error: that part is left out. warning: it works, or a default applies.')}\n`
}
