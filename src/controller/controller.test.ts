import { expect, test } from 'vitest'
import type { Applier, Desired } from '../apply/applier.js'
import { createReloadCount } from '../apply/reload-count.js'
import { SortedMap } from '../collections/sorted-map.js'
import type { Document } from '../model/documents.js'
import { NOTHING_TRIED } from '../model/tried-keys.js'
import { parseObject } from '../snapshot/parse.js'
import { createStore } from '../snapshot/store.js'
import { defaultTranslateOptions } from '../translate/options.js'
import { createController, type Controller, type ControllerParts } from './controller.js'

const metadata = { name: 'new', namespace: 'test', annotations: { 'kubernetes.io/ingress.class': 'nginx' } }
const backend = { service: { name: 'app', port: { number: 80 } } }
const http = { paths: [{ path: '/', pathType: 'Prefix', backend }] }
const spec = { rules: [{ host: 'new.test', http }] }
const added = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata, spec }

/**
 * A controller whose applier is `applier`; what it reads is `store`, and `beforeApply` is awaited between translating
 * and applying.
 */
function createParts(
  applier: Pick<Applier, 'begin' | 'apply' | 'isReloading' | 'pushMeanwhile'>,
  beforeApply: () => Promise<void>,
): { readonly controller: Controller; add(object: object): void } {
  const store = createStore()
  const nothing = (): void => undefined
  const parts: ControllerParts = {
    source: { current: () => ({ snapshot: store.snapshot(), problems: [], complete: true }) },
    applier: {
      ...applier,
      restore: () => Promise.resolve(false),
      revive: () => Promise.resolve([]),
      reloads: () => 0,
      reloadCount: createReloadCount,
      refusedProfiles: () => NO_NAMES,
      triedKeys: () => NOTHING_TRIED,
    },
    nginx: {
      pid: () => 1,
      workers: () => [2],
      isServing: () => true,
      test: () => Promise.resolve({ ok: true }),
      start: () => ({ ok: true }),
      signal: nothing,
      waitForEnd: () => Promise.resolve(true),
    },
    table: {
      assume: nothing,
      begin: nothing,
      push: () => Promise.resolve({ ok: true, value: { puts: 0, drops: 0, bytes: 0, names: [] } }),
      tidy: () => Promise.resolve(),
      save: nothing,
      saveInPieces: () => Promise.resolve(),
      revision: () => 1,
      running: () => undefined,
      digest: () => '',
      holdsBack: () => false,
    },
    options: defaultTranslateOptions,
    patterns: { verdicts: () => NO_NAMES, learn: () => Promise.resolve(undefined) },
    streamPorts: {
      async judge() {
        await beforeApply()
        return { usable: [], problems: [] }
      },
    },
    quicPort: { judge: () => Promise.resolve(undefined) },
    fallbackCertificate: { chain: 'chain', key: 'key' },
    stapler: { answers: () => NO_ANSWERS, follow: nothing },
    pulse: { beat: () => Promise.resolve(), trouble: () => undefined },
    faults: () => [],
    printFrame: () => '',
    onFrame: nothing,
    onProblems: nothing,
    onPass: nothing,
    onReload: nothing,
    log: nothing,
  }
  return {
    controller: createController(parts),
    add(raw) {
      const { object } = parseObject(raw, undefined)
      if (object !== undefined) store.set(object)
    },
  }
}

const NO_NAMES = new Map<string, never>()
const NO_ANSWERS = SortedMap.empty<never>()

test.each([{ takingOver: true }, { takingOver: false }])(
  'what changes between translating and loading a frame does not wait for the frame (%o)',
  async ({ takingOver }) => {
    let isReloading = false
    const pushed: SortedMap<Document>[] = []
    const load = async (_: Desired, onLoading: (() => void) | undefined): Promise<readonly never[]> => {
      isReloading = true
      onLoading?.()
      await new Promise((resolve) => setImmediate(resolve))
      isReloading = false
      return []
    }
    let passes = 0
    const { controller, add } = createParts(
      {
        begin: (desired, onLoading) => (takingOver ? load(desired, onLoading) : Promise.resolve([])),
        apply: load,
        isReloading: () => isReloading,
        pushMeanwhile: (documents) => Promise.resolve(void pushed.push(documents)),
      },
      () => {
        passes += 1
        if (passes === (takingOver ? 1 : 2)) {
          add(added)
          controller.changed()
        }
        return Promise.resolve()
      },
    )
    await controller.begin()
    if (!takingOver) controller.changed()
    await expect.poll(() => pushed.length).toBe(1)
    expect(pushed[0]?.get('h:new.test')).toBeDefined()
    await controller.end()
  },
)
