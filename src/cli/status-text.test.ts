import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import type { StatusReport } from '../observe/status.js'
import { printStatus } from './status-text.js'

const report: StatusReport = {
  version: '1.2.3',
  pid: 7,
  startedAt: 0,
  ready: false,
  reason: 'waiting',
  revision: 12,
  ingresses: 1,
  hosts: 2,
  routes: 3,
  upstreams: 1,
  endpoints: 0,
  certificates: 1,
  problems: { errors: 7, warnings: 0, first: [] },
  reloads: {
    total: 3,
    byReason: { profiles: 2, settings: 1, code: 0 },
    last: { reason: 'profiles', at: 3_590_000 },
    refused: undefined,
  },
  nginx: {
    pid: 9,
    workers: [
      { pid: 10, generation: 1, state: 'up' },
      { pid: 11, generation: 0, state: 'draining' },
    ],
    residentBytes: 200 * 1024 * 1024,
    tableFreeBytes: 100 * 1024 * 1024,
    tableCapacityBytes: 128 * 1024 * 1024,
  },
  controllerBytes: 50 * 1024 * 1024,
  leader: false,
  watches: [
    { resource: 'services', lagSeconds: 0 },
    { resource: 'secrets', lagSeconds: 300 },
  ],
}

// Whether there are colours depends on where the tests run.
const screen = (shown: StatusReport, now: number): string => stripVTControlCharacters(printStatus(shown, now))
const rows = (shown: StatusReport): readonly string[] => screen(shown, 3_600_000).split('\n')

test('a screen with everything', () => {
  expect(rows(report)).toEqual([
    'not ready',
    '  state       waiting',
    '  fairlead    1.2.3, process 7, for 60 min',
    '  table       revision 12, 28.0 MiB of 128 MiB used',
    '  routes      1 Ingress, 2 hosts, 3 routes',
    '  backends    1 upstream, 0 endpoints, 1 certificate',
    '  reloads     3 (profiles 2, settings 1), the last 10 s ago because of a new profile',
    '  NGINX       process 9, 2 workers (1 finishing their connections)',
    '  memory      controller 50.0 MiB, NGINX 200 MiB',
    '  leader      another replica',
    '  watches     secrets fails for 5 min',
    '  problems    7 errors, 0 warnings',
    '    and 7 more; the log of the controller has them all',
    '',
  ])
})

test('a frame that NGINX refused is what is said of reloads', () => {
  const refused = { ...report, reloads: { ...report.reloads, refused: 'unknown directive' } }
  expect(rows(refused)).toContain('  reloads     NGINX refused the last frame: unknown directive')
})

test('nothing that users wrote moves the cursor of a terminal', () => {
  const first = [{ severity: 'error', code: 'x', about: 'Ingress a/\u001b[2Jb', message: 'line\nline\u009b' }] as const
  const text = screen({ ...report, problems: { errors: 1, warnings: 0, first } }, 0)
  expect(text).toContain('x Ingress a/ [2Jb: line line ')
})
