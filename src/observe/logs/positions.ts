import type { FilePosition } from './log-file.js'

/** Where files were read up to, as a store keeps it. undefined: it is no such list. */
export function readPositions(line: string): FilePosition[] | undefined {
  try {
    const json: unknown = JSON.parse(line)
    return Array.isArray(json) && json.every(isPosition) ? json : undefined
  } catch {
    return undefined
  }
}

function isPosition(value: unknown): value is FilePosition {
  return (
    typeof value === 'object' &&
    value !== null &&
    'head' in value &&
    typeof value.head === 'string' &&
    'headBytes' in value &&
    typeof value.headBytes === 'number' &&
    'offset' in value &&
    typeof value.offset === 'number'
  )
}
