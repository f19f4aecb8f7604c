import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ObjectProblems, Page, ProblemRow } from '../../src/observe/shown.js'
import type { Program } from '../serve/program.js'
import { type AdminReply, ask } from '../support/admin-client.js'

const MOST_ROWS = 200

/** The problems that the running program tells, by `Ingress test/name`. */
export async function readProblems(
  program: Pick<Program, 'state'>,
  adminPort: number,
): Promise<ReadonlyMap<string, readonly ProblemRow[]>> {
  const token = readFileSync(join(program.state, 'private', 'admin.token'), 'utf8').trim()
  const found = new Map<string, readonly ProblemRow[]>()
  for (let offset = 0, total = 1; offset < total; offset += MOST_ROWS) {
    const path = `/api/problems?limit=${MOST_ROWS}&offset=${offset}`
    const { status, body } = await patiently(adminPort, path, { authorization: `Bearer ${token}` })
    if (status !== 200) throw new Error(`the admin port answers ${status}: ${body}`)
    const page = JSON.parse(body) as Page<ObjectProblems> // ours
    for (const { kind, namespace, name, problems } of page.rows) found.set(`${kind} ${namespace}/${name}`, problems)
    total = page.total
  }
  return found
}

/** Who asks more often than anybody may is told to come back. */
async function patiently(port: number, path: string, headers: { readonly authorization: string }): Promise<AdminReply> {
  for (let left = 100; ; left -= 1) {
    const reply = await ask(port, path, { headers })
    if (reply.status !== 429 || left === 0) return reply
    await sleep(50)
  }
}
