import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Engine } from './engine.js'
import { run } from './run.js'

/** Whether NGINX loads its stream module and njs, libraries and all: a frame that names them must not be refused for it. */
export async function loadsStreams({ command, streamModules }: Engine): Promise<boolean> {
  if (streamModules === undefined) return false
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-probe-'))
  try {
    const frame = join(folder, 'frame.conf')
    const modules = streamModules.map((file) => `load_module "${file}";\n`).join('')
    const zone = 'js_shared_dict_zone zone=any:64k;'
    await writeFile(frame, `${modules}pid "${folder}/pid";\nevents {}\nstream { ${zone} }\n`)
    return (await run(command, ['-t', '-q', '-p', folder, '-e', 'stderr', '-c', frame])).exitCode === 0
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
