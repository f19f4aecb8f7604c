import { readFileSync, writeFileSync } from 'node:fs'

/** Which frame the NGINX of a state folder was last told to run. */
export interface FrameRecord {
  readonly generation: number
  readonly format: string
}

export function readFrameRecord(path: string): FrameRecord | undefined {
  try {
    const record: unknown = JSON.parse(readFileSync(path, 'utf8'))
    if (typeof record !== 'object' || record === null) return undefined
    const { generation, format } = record as Record<string, unknown> // checked on the next line
    return typeof generation === 'number' && typeof format === 'string' ? { generation, format } : undefined
  } catch {
    return undefined
  }
}

export function writeFrameRecord(path: string, record: FrameRecord): void {
  writeFileSync(path, `${JSON.stringify(record)}\n`, { mode: 0o600 })
}
