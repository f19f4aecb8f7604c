import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

/** What is wrong with a kubeconfig, as a sentence; caught where the file is read. */
export class KubeconfigError extends Error {}

export type Mapping = Readonly<Record<string, unknown>>

/** Reads the fields of a kubeconfig; a field of the wrong type throws a KubeconfigError that names it. */
export interface Reader {
  mapping(raw: unknown, where: string): Mapping
  list(raw: unknown, where: string): readonly Mapping[]
  /** '' where it is absent. */
  text(raw: unknown, where: string): string
  flag(raw: unknown, where: string): boolean
  /** A path, relative to the folder of the kubeconfig. */
  path(text: string): string
  /** The bytes of `field`-data in base64, or those of the file that `field` names; '' where there is neither. */
  pem(from: Mapping, field: string, where: string): string
}

export function createReader(folder: string): Reader {
  const reader: Reader = {
    mapping(raw, where) {
      if (raw === undefined || raw === null) return {}
      if (typeof raw !== 'object' || Array.isArray(raw)) throw new KubeconfigError(`${where} is not a mapping.`)
      return { ...raw }
    },
    list(raw, where) {
      if (raw === undefined || raw === null) return []
      if (!Array.isArray(raw)) throw new KubeconfigError(`${where} is not a list.`)
      return raw.map((item: unknown) => reader.mapping(item, `an item of ${where}`))
    },
    text(raw, where) {
      if (raw === undefined || raw === null) return ''
      if (typeof raw !== 'string') throw new KubeconfigError(`${where} is not a string; put it in quotes.`)
      return raw
    },
    flag(raw, where) {
      if (raw === undefined || raw === null) return false
      if (typeof raw !== 'boolean') throw new KubeconfigError(`${where} is neither true nor false.`)
      return raw
    },
    path: (text) => resolve(folder, text),
    pem(from, field, where) {
      const data = reader.text(from[`${field}-data`], `${where}: ${field}-data`)
      if (data !== '') return decode(data, `${where}: ${field}-data`)
      const file = reader.text(from[field], `${where}: ${field}`)
      return file === '' ? '' : readPem(resolve(folder, file), `${where}: ${field}`)
    },
  }
  return reader
}

function decode(data: string, where: string): string {
  const text = data.replaceAll(/\s/g, '')
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text))
    throw new KubeconfigError(`${where} is not base64; a file name belongs in the field without -data.`)
  return Buffer.from(text, 'base64').toString('utf8')
}

function readPem(path: string, where: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new KubeconfigError(`${where} names ${path}, which could not be read (${why}).`)
  }
}
