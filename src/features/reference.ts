import type { Annotation, Family } from './declare.js'
import { families } from './index.js'

/** An annotation as the reference shows it. */
export interface ReferenceEntry {
  /** Without prefix. */
  readonly name: string
  readonly family: Pick<Family, 'name' | 'title'>
  readonly annotation: Annotation<unknown>
}

/** Every annotation that this version understands, by family and name. */
export function referenceEntries(): readonly ReferenceEntry[] {
  return families
    .toSorted((a, b) => (a.title < b.title ? -1 : 1))
    .flatMap((family) => Object.entries(family.annotations).map(([name, annotation]) => ({ name, family, annotation })))
}

/** What happens where a value cannot be read. */
export const onBadValue: Readonly<Record<Annotation<unknown>['bad'], string>> = {
  default: 'the default applies',
  off: 'the family does nothing',
  close: 'the paths answer 503',
  forbid: 'the hosts answer 403',
  refuse: 'the Ingress is refused',
}

/** `docs/annotations.md`. */
export function printReference(): string {
  const pages = families.toSorted((a, b) => (a.title < b.title ? -1 : 1)).map(printFamily)
  return [
    '# Annotations',
    '',
    'What this version understands, produced from the declarations in `src/features/`. All have the prefix',
    '`nginx.ingress.kubernetes.io/` (`--annotations-prefix`); `fairlead annotations NAME` prints the same in the terminal.',
    '',
    '**If bad** says what happens to a value that cannot be read: *default*: it does not count; *off*: the family does nothing for that Ingress;',
    '*close*: its paths answer 503; *refuse*: the API server is told to refuse it, and what was served before stays. Each is reported by',
    '`fairlead check`, in the log and as an event.',
    '',
    ...pages.flat(),
  ].join('\n')
}

function printFamily({ title, doc, annotations }: Family): readonly string[] {
  const rows = Object.entries(annotations).map(([name, annotation]) => {
    const { kind, doc: sentence, fallback, configMapKey, effect, risk, bad, example, alias } = annotation
    const also = alias === undefined ? '' : ` Also read as \`${alias}\`.`
    const standard = configMapKey === undefined ? fallback : `\`${configMapKey}\` of the ConfigMap, else ${fallback}`
    const cells = [`\`${name}\``, `${sentence}${also}`, kind.form, standard, effect, risk, bad, `\`${example}\``]
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  })
  return [
    `## ${title}`,
    '',
    doc,
    '',
    '| annotation | what it does | value | default | changes | risk | if bad | example |',
    '|---|---|---|---|---|---|---|---|',
    ...rows,
    '',
  ]
}
