import type { TableWriter } from './table-writer.js'

/** What was pushed to NGINX since the controller began. */
export interface PushCount {
  readonly pushes: number
  /** Pushes that NGINX did not take. */
  readonly failed: number
  readonly puts: number
  readonly drops: number
  readonly bytes: number
}

/** The same writer, whose pushes are counted. */
export function countPushes(writer: TableWriter): { readonly writer: TableWriter; pushed(): PushCount } {
  let count: PushCount = { pushes: 0, failed: 0, puts: 0, drops: 0, bytes: 0 }
  const push: TableWriter['push'] = async (...asked) => {
    const answer = await writer.push(...asked)
    if (!answer.ok) count = { ...count, failed: count.failed + 1 }
    else if (answer.value.puts + answer.value.drops > 0) {
      const { puts, drops, bytes } = answer.value
      count = {
        ...count,
        pushes: count.pushes + 1,
        puts: count.puts + puts,
        drops: count.drops + drops,
        bytes: count.bytes + bytes,
      }
    }
    return answer
  }
  return { writer: { ...writer, push }, pushed: () => count }
}
