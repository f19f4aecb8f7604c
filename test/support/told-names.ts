import { fileURLToPath } from 'node:url'

const script = fileURLToPath(new URL('resolve-as-told.mjs', import.meta.url))

/** Programs that are started in `action` take these names for 127.0.0.1. */
export async function withNames(names: readonly string[], action: () => Promise<void>): Promise<void> {
  const before = { NODE_OPTIONS: process.env['NODE_OPTIONS'], FAIRLEAD_TEST_NAMES: process.env['FAIRLEAD_TEST_NAMES'] }
  process.env['NODE_OPTIONS'] = `--import ${script}`
  process.env['FAIRLEAD_TEST_NAMES'] = names.join(',')
  try {
    await action()
  } finally {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) Reflect.deleteProperty(process.env, name)
      else process.env[name] = value
    }
  }
}
