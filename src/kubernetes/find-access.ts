import { performance } from 'node:perf_hooks'
import { type AccessResult, parseServer, usualTrust } from './access.js'
import { createAuthority } from './authority.js'
import { fixedCredentials, noCredential } from './credentials.js'
import { findInCluster, SERVICE_ACCOUNT_FOLDER } from './in-cluster.js'
import { keepFile } from './kept-file.js'
import { readKubeconfig } from './kubeconfig.js'

/** Empty texts are flags that were not given. */
export interface AccessFlags {
  readonly kubeconfig: string
  /** Takes the place of the address in the kubeconfig; without one it is used as it is, without credentials. */
  readonly apiserverHost: string
  /** PEM file; with `apiserverHost` or in place of what the kubeconfig names. */
  readonly certificateAuthority: string
}

export interface AccessSurroundings {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Default: the folder that Kubernetes mounts. */
  readonly serviceAccountFolder?: string
  /** Milliseconds of a clock that only goes forward. */
  readonly now?: () => number
}

/**
 * How to reach the API server, by the flags `--kubeconfig`, `--apiserver-host` and `--certificate-authority`, or else
 * as a pod does. Nothing is sent. Not ok: one sentence that says what is wrong where, and what to do.
 */
export function findAccess(flags: AccessFlags, surroundings: AccessSurroundings): AccessResult {
  const { environment, serviceAccountFolder = SERVICE_ACCOUNT_FOLDER, now = () => performance.now() } = surroundings
  const found = begin(flags, environment, serviceAccountFolder, now)
  if (!found.ok || flags.certificateAuthority === '') return found
  const authority = createAuthority(keepFile(flags.certificateAuthority, now))
  if (!authority.ok) return refuse(`--certificate-authority: ${authority.message}.`)
  const { access } = found
  const trust = { ...access.trust, authority: authority.current, insecure: false }
  return { ...found, access: { ...access, trust } }
}

function begin(
  { kubeconfig, apiserverHost }: AccessFlags,
  environment: AccessSurroundings['environment'],
  folder: string,
  now: () => number,
): AccessResult {
  if (kubeconfig === '' && apiserverHost === '') return findInCluster(environment, folder, now)
  const server = apiserverHost === '' ? undefined : parseServer(apiserverHost)
  if (server === null)
    return refuse(`--apiserver-host is ${JSON.stringify(apiserverHost)}; expected a URL such as https://10.0.0.1:6443.`)
  if (kubeconfig === '' && server !== undefined) {
    const credentials = fixedCredentials(noCredential)
    return { ok: true, access: { server, trust: usualTrust, credentials, namespace: 'default' }, warnings: [] }
  }
  const found = readKubeconfig(kubeconfig, now)
  if (!found.ok || server === undefined) return found
  return { ...found, access: { ...found.access, server } }
}

function refuse(message: string): AccessResult {
  return { ok: false, message }
}
