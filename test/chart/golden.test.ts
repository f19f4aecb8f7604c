import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { chart, fileOf, helm, HELM_MILLISECONDS, helmPath, notes, template, valueSets } from './helm.js'
import { readObjects } from './objects.js'

beforeAll(() => void helmPath(), HELM_MILLISECONDS)

describe.each(valueSets)('values %s', (set) => {
  it('are what the chart was made for, and no others', async () => {
    const { ok, stdout, stderr } = await template('--values', fileOf(set))
    expect(stderr).toBe('')
    expect(ok).toBe(true)
    await expect(stdout).toMatchFileSnapshot(`golden/${set}.yaml`)
  })

  it('pass the linter', async () => {
    const { ok, stdout } = await helm('lint', '--strict', '--quiet', chart, '--values', fileOf(set))
    expect(stdout).not.toMatch(/\[(WARNING|ERROR)\]/)
    expect(ok).toBe(true)
  })

  it('render each object once', async () => {
    const { stdout } = await template('--values', fileOf(set))
    const names = readObjects(stdout).map(
      ({ kind, metadata: { namespace = '', name } }) => `${kind} ${namespace}/${name}`,
    )
    expect(new Set(names).size).toBe(names.length)
  })

  it('are followed by these notes', async () => {
    await expect(await notes('--values', fileOf(set))).toMatchFileSnapshot(`golden/${set}.notes.txt`)
  })
})

it('deploy/manifests/fairlead.yaml is what `make manifests` makes', () => {
  const folder = fileURLToPath(new URL('../../deploy/manifests/', import.meta.url))
  const made = execFileSync(`${folder}make`, { encoding: 'utf8' })
  expect(readFileSync(`${folder}fairlead.yaml`, 'utf8')).toBe(made)
})
