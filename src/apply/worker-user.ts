import { readFileSync } from 'node:fs'

/** Whom NGINX's workers run as. */
export interface WorkerUser {
  readonly name: string
  readonly group: string
  readonly uid: number
  readonly gid: number
}

/** `nobody` with its group, when this process is root; undefined otherwise, since then all runs as one user. */
export function findWorkerUser(): WorkerUser | undefined {
  if (process.getuid?.() !== 0) return undefined
  const entry = lineOf('/etc/passwd', (fields) => fields[0] === 'nobody')
  const uid = Number(entry?.[2] ?? 65534)
  const gid = Number(entry?.[3] ?? 65534)
  const group = lineOf('/etc/group', (fields) => Number(fields[2]) === gid)?.[0] ?? 'nogroup'
  return { name: 'nobody', group, uid, gid }
}

function lineOf(file: string, matches: (fields: readonly string[]) => boolean): readonly string[] | undefined {
  const lines = readFileSync(file, 'utf8').split('\n')
  return lines.map((line) => line.split(':')).find(matches)
}
