import { readdir, readFile } from 'node:fs/promises'

/** Ids of the processes that a process has started, and whose command has a text in it. */
export async function childrenOf(parent: number, text: string): Promise<readonly number[]> {
  const found: number[] = []
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const status = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '')
    const [, state, ppid] = /^\d+ \(.*\) (\S) (\d+) /s.exec(status) ?? []
    if (Number(ppid) !== parent || state === 'Z') continue
    if ((await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '')).includes(text)) found.push(Number(name))
  }
  return found
}
