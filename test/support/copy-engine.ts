import { copyFileSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'

/** Everything of a prefix that engine/fetch made, by links, but for the modules that `has` does not want. */
export function copyEngine(from: string, to: string, has: (module: string) => boolean): void {
  copyFileSync(join(from, 'manifest.json'), join(to, 'manifest.json'))
  link(from, to, ['usr', 'lib', 'nginx', 'modules'])
  const folder = 'usr/lib/nginx/modules'
  for (const name of readdirSync(join(from, folder)))
    if (has(name)) symlinkSync(join(from, folder, name), join(to, folder, name))
}

/** Links what stands beside the folders of a path, which are made. */
function link(from: string, to: string, [first, ...rest]: readonly string[]): void {
  if (first === undefined) return
  for (const name of readdirSync(from))
    if (name !== first && name !== 'manifest.json') symlinkSync(join(from, name), join(to, name))
  mkdirSync(join(to, first))
  link(join(from, first), join(to, first), rest)
}
