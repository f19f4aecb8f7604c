import { removeFolder } from '../rim/cleanup.js'
import type { Figure, Goal } from '../figure.js'
import type { FileFormat } from '../manifests.js'
import { startFairlead, writeManifests } from '../rim/fairlead.js'
import type { Setting } from '../rim/setting.js'
import { count } from '../scenarios.js'
import { spreadOf } from '../statistics.js'

const goals: Readonly<Record<FileFormat, Goal>> = { yaml: { atMost: 20, aim: 8 }, json: { atMost: 8, aim: 3 } }

/** From the start of the process until it is ready, with all cores and an empty state folder; formats in turn. */
export async function measureStarts(
  setting: Setting,
  hosts: number,
  backendPort: number,
  rounds: number,
): Promise<readonly Figure[]> {
  const formats = (['yaml', 'json'] as const).map((format) => {
    const folder = writeManifests(setting, `start-${format}`, hosts, format, { backendPort })
    return { format, folder, seconds: [] as number[] }
  })
  for (let round = 0; round < rounds; round++) {
    for (const { format, folder, seconds } of formats) {
      const fairlead = await startFairlead(setting, `start-${format}-${round}`, folder.path, 'free')
      fairlead.end()
      seconds.push(fairlead.readyMilliseconds / 1000)
      setting.say(
        `  start from ${format.toUpperCase()}, round ${round + 1} of ${rounds}: ${seconds.at(-1)?.toFixed(2)} s`,
      )
    }
  }
  return formats.map(({ format, folder, seconds }) => {
    removeFolder(folder.path)
    const spread = spreadOf(seconds)
    return {
      id: `start-${format}`,
      what: `cold start, ${count(hosts)} Ingresses (${count(folder.objects)} objects), ${format.toUpperCase()}, until ready`,
      unit: 's',
      value: spread.median,
      spread,
      goal: hosts === 10_000 ? goals[format] : undefined,
    }
  })
}
