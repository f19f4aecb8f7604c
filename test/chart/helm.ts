import { execFile, spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { parse } from 'yaml'
import { isMapping } from '../../src/snapshot/fields.js'

export const chart = fileURLToPath(new URL('../../deploy/chart', import.meta.url))

const values = fileURLToPath(new URL('values/', import.meta.url))

/** The sets of values that tests render, by name. */
export const valueSets: readonly string[] = readdirSync(values).map((name) => name.replace(/\.yaml$/, ''))

export const fileOf = (valueSet: string): string => `${values}${valueSet}.yaml`

export interface HelmAnswer {
  readonly ok: boolean
  readonly stdout: string
  readonly stderr: string
}

let path: string | undefined

/** The Helm of test/helm, which is built at the first call on a machine: minutes. Throws where it cannot be had. */
export function helmPath(): string {
  if (path !== undefined) return path
  const script = fileURLToPath(new URL('../helm/build', import.meta.url))
  const { status, stdout } = spawnSync(script, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
  if (status !== 0) throw new Error('Helm could not be had; test/helm/build says above why.')
  path = stdout.trim()
  return path
}

/** Long enough to build Helm on a busy machine with nothing in its caches. */
export const HELM_MILLISECONDS = 30 * 60_000

export async function helm(...words: readonly string[]): Promise<HelmAnswer> {
  try {
    const { stdout, stderr } = await promisify(execFile)(helmPath(), words, { maxBuffer: 16 * 1024 * 1024 })
    return { ok: true, stdout, stderr }
  } catch (cause) {
    const { stdout, stderr } = cause as HelmAnswer // what execFile adds to its errors
    return { ok: false, stdout, stderr }
  }
}

/** The objects as text, for a release `fairlead` in a namespace of the same name. */
export function template(...words: readonly string[]): Promise<HelmAnswer> {
  return helm('template', 'fairlead', chart, '--namespace', 'fairlead', ...words)
}

/**
 * What Helm tells after an installation. Helm prints that only where it reaches a cluster, so in a copy of the chart the text
 * is a template like the others.
 */
export async function notes(...words: readonly string[]): Promise<string> {
  const copy = mkdtempSync(join(tmpdir(), 'fairlead-chart-'))
  try {
    cpSync(chart, copy, { recursive: true })
    const text = readFileSync(join(copy, 'templates', 'NOTES.txt'), 'utf8')
    const asTemplate = `{{ define "notes" }}${text}{{ end }}notes: {{ include "notes" . | toJson }}`
    writeFileSync(join(copy, 'templates', 'notes.yaml'), asTemplate)
    const only = ['--namespace', 'fairlead', '--show-only', 'templates/notes.yaml']
    const { stdout, stderr } = await helm('template', 'fairlead', copy, ...only, ...words)
    const read: unknown = parse(stdout)
    if (!isMapping(read) || typeof read['notes'] !== 'string') throw new Error(`Helm gives no notes: ${stderr}`)
    return read['notes']
  } finally {
    rmSync(copy, { recursive: true })
  }
}
