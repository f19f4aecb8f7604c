import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Credentials } from '../../src/kubernetes/credentials.js'
import { createExecCredentials } from '../../src/kubernetes/exec-credentials.js'
import type { ExecResult } from '../../src/kubernetes/exec-plugin.js'
import { findAccess } from '../../src/kubernetes/find-access.js'
import { createAuthority } from '../support/certificates.js'
import { temporaryFolder, writeFile } from './server.js'

const authority = createAuthority('api')

/** The credentials of a kubeconfig whose plugin is this shell script. */
function pluginOf(script: string, fields: object = {}): { credentials: Credentials; folder: string } {
  const folder = temporaryFolder()
  writeFile(folder, 'plugin', `#!/bin/sh\n${script}`)
  const config = {
    'current-context': 'one',
    contexts: [{ name: 'one', context: { cluster: 'c', user: 'u' } }],
    clusters: [
      {
        name: 'c',
        cluster: {
          server: 'https://api.example.com:6443',
          'certificate-authority-data': Buffer.from(authority.certificate).toString('base64'),
        },
      },
    ],
    users: [
      {
        name: 'u',
        user: { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: './plugin', ...fields } },
      },
    ],
  }
  const kubeconfig = writeFile(folder, 'config', JSON.stringify(config))
  const found = findAccess({ kubeconfig, apiserverHost: '', certificateAuthority: '' }, { environment: {} })
  if (!found.ok) throw new Error(found.message)
  return { credentials: found.access.credentials, folder }
}

const print = (status: object, apiVersion = 'client.authentication.k8s.io/v1'): string =>
  `cat <<'END'\n${JSON.stringify({ kind: 'ExecCredential', apiVersion, status })}\nEND\n`

test('a plugin gets its arguments, its environment and the cluster, and its token is used', async () => {
  const { credentials, folder } = pluginOf(
    `echo "$1 $NAME" > "$(dirname "$0")/seen"\nprintf '%s' "$KUBERNETES_EXEC_INFO" > "$(dirname "$0")/info"\n${print({ token: 'abc' })}`,
    { args: ['login'], env: [{ name: 'NAME', value: 'me' }], provideClusterInfo: true },
  )
  expect(await credentials.current()).toMatchObject({ ok: true, credential: { authorization: 'Bearer abc' } })
  expect(readFileSync(join(folder, 'seen'), 'utf8')).toBe('login me\n')
  expect(JSON.parse(readFileSync(join(folder, 'info'), 'utf8'))).toEqual({
    apiVersion: 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    spec: {
      interactive: false,
      cluster: {
        server: 'https://api.example.com:6443/',
        'insecure-skip-tls-verify': false,
        'certificate-authority-data': Buffer.from(authority.certificate).toString('base64'),
      },
    },
  })
})

test('a plugin of v1beta1 may give a certificate', async () => {
  const { chain, key } = authority.issue({ names: ['user'] })
  const apiVersion = 'client.authentication.k8s.io/v1beta1'
  const status = { clientCertificateData: chain, clientKeyData: key }
  const { credentials } = pluginOf(print(status, apiVersion), { apiVersion })
  expect(await credentials.current()).toMatchObject({ ok: true, credential: { certificate: chain, key } })
})

const failures: [fact: string, script: string, fields: object, says: RegExp][] = [
  ['it is not there', '', { command: './other', installHint: 'Get it at home.' }, /no such program\. Get it at home\./],
  ['it fails', 'echo "please log in" >&2; exit 1', {}, /plugin: please log in/],
  ['it prints text', 'echo hello', {}, /not JSON/],
  ['it prints another version', print({ token: 'a' }, 'client.authentication.k8s.io/v1beta1'), {}, /no ExecCredential/],
  ['it prints nothing of use', print({}), {}, /neither a token nor a certificate/],
  [
    'it prints a time that is none',
    print({ token: 'a', expirationTimestamp: 'soon' }),
    {},
    /a time that is none: soon/,
  ],
]
test.each(failures)('a plugin that fails is a value: %s', async (_fact, script, fields, says) => {
  const { credentials } = pluginOf(script, fields)
  const result = await credentials.current()
  expect(result.ok ? '' : result.message).toMatch(says)
})

test('credentials are kept until shortly before they expire, renewed when refused, and a run is shared', async () => {
  let runs = 0
  let now = 0
  let next: (run: number) => ExecResult = (run) => ({
    ok: true,
    credential: { authorization: `Bearer ${run}`, certificate: undefined, key: undefined },
    expiresAt: now + 60_000,
  })
  const credentials = createExecCredentials(
    { run: async () => next(++runs) },
    () => now,
    () => now,
  )
  const token = async (which: 'current' | 'renew'): Promise<string | undefined> => {
    const result = await credentials[which]()
    return result.ok ? result.credential.authorization : result.message
  }
  expect(await Promise.all([token('current'), token('current')])).toEqual(['Bearer 1', 'Bearer 1'])
  now = 49_000
  expect(await token('current')).toBe('Bearer 1')
  now = 51_000
  expect(await token('current')).toBe('Bearer 2')
  now += 6_000
  expect(await token('renew')).toBe('Bearer 3')
  // Refused again at once: the plugin is not run in a circle.
  expect(await token('renew')).toBe('Bearer 3')
  // A plugin that fails leaves what is valid in force, and is asked again when that has expired.
  next = () => ({ ok: false, message: 'no network' })
  now += 6_000
  expect(await token('renew')).toBe('Bearer 3')
  now += 60_000
  expect(await token('current')).toBe('no network')
  const before = runs
  expect(await token('current')).toBe('no network')
  expect(runs).toBe(before)
})
