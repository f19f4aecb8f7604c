import type { Command } from 'commander'
import pc from 'picocolors'
import { onBadValue, type ReferenceEntry, referenceEntries } from '../features/reference.js'
import { nearest } from '../translate/nearest.js'
import { defaultTranslateOptions } from '../translate/options.js'

/**
 * `fairlead annotations`: the reference in the terminal: all names, one family, or one annotation. Exit 2 when nothing
 * fits.
 */
export function addAnnotations(program: Command): void {
  program
    .command('annotations')
    .argument('[name]', 'an annotation, with or without its prefix, or a family')
    .description('explain the annotations that this version understands')
    .option('--json', 'print JSON for programs')
    .action((name: string | undefined, flags: { readonly json?: boolean }) => {
      const found = entriesFor(name)
      if (found.length === 0) return failToFind(name ?? '')
      const whole = name !== undefined
      process.stdout.write(flags.json === true ? printJson(found) : whole ? printWhole(found) : printList(found))
    })
}

function entriesFor(asked: string | undefined): readonly ReferenceEntry[] {
  const all = referenceEntries()
  if (asked === undefined) return all
  const name = withoutPrefix(asked)
  const exact = all.filter((entry) => entry.name === name || entry.annotation.alias === name)
  return exact.length > 0 ? exact : all.filter(({ family }) => family.name === name)
}

function withoutPrefix(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1)
}

function failToFind(name: string): void {
  const all = referenceEntries()
  const known = nearest(withoutPrefix(name), [
    ...all.map((entry) => entry.name),
    ...all.map(({ family }) => family.name),
  ])
  const hint = known === undefined ? 'Without a name all are listed.' : `Did you mean ${known}?`
  process.stderr.write(`fairlead: This version understands no annotation ${JSON.stringify(name)}. ${hint}\n`)
  process.exitCode = 2
}

function printJson(entries: readonly ReferenceEntry[]): string {
  const rows = entries.map(({ name, family, annotation: { kind, ...rest } }) => ({
    name,
    family: family.name,
    value: kind.form,
    ...rest,
  }))
  return `${JSON.stringify(rows, null, 2)}\n`
}

function printList(entries: readonly ReferenceEntry[]): string {
  const width = Math.max(...entries.map(({ name }) => name.length))
  const lines = entries.map(({ name, family, annotation }, i) => {
    const title =
      entries[i - 1]?.family.title === family.title ? '' : `${i === 0 ? '' : '\n'}${pc.bold(family.title)}\n`
    return `${title}  ${name.padEnd(width)}  ${annotation.doc}\n`
  })
  return `${lines.join('')}\n${pc.dim('fairlead annotations NAME says more about one of them.')}\n`
}

function printWhole(entries: readonly ReferenceEntry[]): string {
  return entries
    .map(({ name, family, annotation }) => {
      const { doc, kind, fallback, configMapKey, effect, risk, bad, example, alias } = annotation
      const rows: readonly (readonly [string, string | undefined])[] = [
        ['value', kind.form],
        ['default', fallback],
        ['ConfigMap', configMapKey],
        ['also as', alias],
        ['changes', EFFECTS[effect]],
        ['risk', risk],
        ['if bad', onBadValue[bad]],
        ['example', `${defaultTranslateOptions.annotationsPrefix}/${name}: ${JSON.stringify(example)}`],
        ['family', `${family.name} (${family.title})`],
      ]
      const lines = rows.flatMap(([label, text]) =>
        text === undefined ? [] : [`  ${pc.dim(label.padEnd(10))}${text}\n`],
      )
      return `${pc.bold(name)}\n  ${doc}\n${lines.join('')}`
    })
    .join('\n')
}

const EFFECTS = {
  path: 'the paths of its Ingress',
  host: 'the whole host, whichever Ingress declares it',
  upstream: 'the upstream: every path of its Service and port',
} as const
