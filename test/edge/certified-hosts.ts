import { afterAll, beforeAll, describe } from 'vitest'
import type { Engine } from '../../src/apply/engine/engine.js'
import { enginesForTests } from '../support/engine.js'
import { buildLua, createInput, createRunFolder, removeFolder, type Running, startFrame } from './frame-engine.js'

/** A host document that is there for its certificates: each request is answered 404. */
export function certifiedHost(name: string, certificate: string, otherCertificates?: readonly string[]): object {
  return {
    name,
    paths: { kind: 'literal', exact: {}, prefix: {}, lengths: [] },
    root: { path: '/', match: 'implicit', action: { kind: 'answer', status: 404, label: '' } },
    certificate,
    ...(otherCertificates === undefined ? {} : { otherCertificates }),
  }
}

/** NGINX with documents: `running` from the first test on. */
export interface Served {
  readonly engine: Engine
  readonly running: Running
}

/** A describe for each engine; NGINX starts with the documents before its tests and ends after them. */
export async function describeServed(
  what: string,
  documents: Readonly<Record<string, unknown>>,
  define: (served: Served) => void,
): Promise<void> {
  describe.each(await enginesForTests())(`${what} on NGINX $version`, (engine) => {
    let folder: string
    let running: Running

    beforeAll(async () => {
      folder = await createRunFolder()
      running = await startFrame(engine, await createInput(engine, await buildLua(folder), folder), documents)
    })

    afterAll(async () => {
      await running?.stop()
      await removeFolder(folder)
    })

    define({
      engine,
      get running() {
        return running
      },
    })
  })
}
