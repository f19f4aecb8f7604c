import { createCertificateList } from '../../controller/views/certificates.js'
import type { Controller } from '../../controller/controller.js'
import { describeTable } from '../../controller/diagnosis/describe-table.js'
import type { History } from '../../controller/history.js'
import type { Diagnosis, DiagnosisFile } from '../../observe/diagnosis/diagnosis.js'
import { maskFrame } from '../../observe/diagnosis/mask-frame.js'
import { maskText } from '../../observe/diagnosis/mask-text.js'
import { createVocabulary, type Vocabulary } from '../../observe/diagnosis/vocabulary.js'
import type { Exporter } from '../../observe/metrics/exposition.js'
import type { CertificateRow } from '../../observe/shown.js'
import type { StatusReport } from '../../observe/status.js'
import { catalogue } from '../../problems/catalogue.js'
import { describeObject, type Problem } from '../../problems/problem.js'
import type { Snapshot } from '../../snapshot/snapshot.js'
import { filesOfFolder } from '../diagnose/folder-files.js'
import { ownWords } from '../diagnose/own-words.js'
import type { LogEntry } from '../recent-log.js'
import type { DataPlane } from './data-plane.js'

export interface DiagnosisParts {
  readonly controller: Controller
  readonly plane: DataPlane
  readonly history: History
  readonly exporter: Exporter
  readonly status: () => Promise<StatusReport>
  readonly snapshot: () => Snapshot
  readonly recent: () => readonly LogEntry[]
  /** See `describeFlags`. */
  readonly flags: string
}

/**
 * What a bug report needs, of which nobody has to be afraid: each file shows what is known not to be secret, and of all else
 * that it is there. One at a time; whoever asks meanwhile gets the same.
 */
export function createDiagnosis(parts: DiagnosisParts): () => Promise<Diagnosis> {
  let making: Promise<Diagnosis> | undefined
  return () => {
    making ??= make(parts).finally(() => {
      making = undefined
    })
    return making
  }
}

async function make({
  controller,
  plane,
  history,
  exporter,
  status,
  snapshot,
  recent,
  flags,
}: DiagnosisParts): Promise<Diagnosis> {
  const { engine, folder } = plane
  const translation = controller.translation()
  const vocabulary = createVocabulary(await ownWords(engine), [
    ...namesOf(snapshot()),
    ...(translation === undefined ? [] : [...translation.hosts.values()].map(({ document }) => document.name)),
    folder.root,
    folder.frame,
    folder.errorLog,
  ])
  const certificates =
    translation === undefined ? [] : createCertificateList().page(translation, EVERYTHING).rows.map(withoutMessages)
  const files: readonly DiagnosisFile[] = [
    ...filesOfFolder(folder, engine.label, vocabulary),
    { name: 'flags.txt', text: flags },
    { name: 'configmaps.json', text: json(keysOf(snapshot())) },
    { name: 'status.json', text: json(maskStatus(await status(), vocabulary)) },
    { name: 'problems.json', text: json(controller.problems().map(describeProblem)) },
    { name: 'table.json', text: json(describeTable(translation?.documents ?? [])) },
    { name: 'certificates.json', text: json(certificates) },
    { name: 'metrics.txt', text: [...(await exporter(undefined)).pieces].join('') },
    { name: 'timeline.txt', text: printTimeline(history, vocabulary) },
    {
      name: 'controller.log',
      text: recent()
        .map((entry) => printEntry(entry, vocabulary))
        .join(''),
    },
  ]
  return { files }
}

const EVERYTHING = { search: '', offset: 0, limit: 100_000 }

/** What users call their objects, and annotations and keys in them; it is in metrics and logs as well. */
function namesOf({ ingresses, ingressClasses, services, secrets, configMaps }: Snapshot): readonly string[] {
  const maps = [ingresses, services, secrets, configMaps]
  const keys = maps.flatMap((map) => [...map.keys()])
  const fields = [
    ...[...ingresses.values()].flatMap(({ annotations }) => Object.keys(annotations)),
    ...[...configMaps.values()].flatMap(({ data }) => Object.keys(data)),
  ]
  return [...keys, ...keys.flatMap((key) => key.split('/')), ...ingressClasses.keys(), ...fields]
}

/** Which keys are set; what they are set to shows in the frame, as far as it may. */
function keysOf({ configMaps }: Snapshot): object {
  return Object.fromEntries([...configMaps].map(([key, { data }]) => [key, Object.keys(data)]))
}

/** Messages quote what users wrote. */
function describeProblem({ code, severity, about, field }: Problem): object {
  return { code, severity, about: describeObject(about), field, title: catalogue[code].title }
}

function withoutMessages(row: CertificateRow): object {
  return { ...row, problems: row.problems.map(({ code }) => code) }
}

function maskStatus(report: StatusReport, vocabulary: Vocabulary): object {
  const { reason, problems, reloads } = report
  const { refused } = reloads
  return {
    ...report,
    reason: maskText(reason, vocabulary),
    problems: { errors: problems.errors, warnings: problems.warnings },
    reloads: { ...reloads, refused: refused === undefined ? undefined : maskText(refused, vocabulary) },
  }
}

function printTimeline(history: History, vocabulary: Vocabulary): string {
  const lines = history.entries().map(({ at, kind, text, details, times }) => {
    const shown = details.map((detail) => `    ${kind === 'push' ? documentName(detail) : maskDetail(detail)}\n`)
    return `${new Date(at).toISOString()} ${kind} ${times} × ${maskText(text, vocabulary)}\n${shown.join('')}`
  })
  return lines.join('')
}

/** Keys of attachments may be URLs with passwords in them. */
function documentName(key: string): string {
  return key.startsWith('a:') ? 'a:…' : key
}

/** A line of the frame that came or went. */
function maskDetail(detail: string): string {
  const [, sign = '', line = ''] = /^([+-] )?(.*)$/s.exec(detail) ?? []
  return sign === '' ? detail : sign + maskFrame(line)
}

function printEntry({ at, level, message }: LogEntry, vocabulary: Vocabulary): string {
  return `${new Date(at).toISOString()} ${level} ${maskText(message, vocabulary)}\n`
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 1)}\n`
}
