import { execFile } from 'node:child_process'
import type { Trust } from './access.js'
import type { Credential } from './credentials.js'
import { KubeconfigError, type Mapping, type Reader } from './kubeconfig-reader.js'

/** A program that prints credentials (client.authentication.k8s.io). */
export interface ExecPlugin {
  /** Runs it; at most for a minute. */
  run(): Promise<ExecResult>
}

export type ExecResult =
  | {
      readonly ok: true
      readonly credential: Credential
      /** Milliseconds since the epoch; undefined: they do not expire. */
      readonly expiresAt: number | undefined
    }
  | { readonly ok: false; readonly message: string }

const GROUP = 'client.authentication.k8s.io'
const VERSIONS: readonly string[] = [`${GROUP}/v1`, `${GROUP}/v1beta1`]
const RUN_MILLISECONDS = 60_000
const MOST_OUTPUT = 1024 * 1024

/**
 * Reads the `exec` part of a user. The program gets no terminal.
 * Source: Kubernetes, "client-go credential plugins"; versions v1 and v1beta1.
 */
export function readExecPlugin(
  reader: Reader,
  exec: Mapping,
  where: string,
  cluster: { readonly server: URL; readonly trust: Trust },
): ExecPlugin {
  const apiVersion = reader.text(exec['apiVersion'], `${where}: apiVersion`)
  if (!VERSIONS.includes(apiVersion))
    throw new KubeconfigError(
      `${where}: apiVersion is ${JSON.stringify(apiVersion)}; expected ${VERSIONS.join(' or ')}.`,
    )
  const named = reader.text(exec['command'], `${where}: command`)
  if (named === '') throw new KubeconfigError(`${where}: command is missing.`)
  if (reader.text(exec['interactiveMode'], `${where}: interactiveMode`) === 'Always')
    throw new KubeconfigError(`${where}: interactiveMode is Always, but a controller has nobody to ask.`)
  // A name alone is looked up in PATH, anything with a slash is a file.
  const command = named.includes('/') ? reader.path(named) : named
  const args = readArguments(exec['args'], `${where}: args`)
  const environment = Object.fromEntries(
    reader
      .list(exec['env'], `${where}: env`)
      .map((item) => [
        reader.text(item['name'], `${where}: env: name`),
        reader.text(item['value'], `${where}: env: value`),
      ]),
  )
  const hint = reader.text(exec['installHint'], `${where}: installHint`)
  const info = reader.flag(exec['provideClusterInfo'], `${where}: provideClusterInfo`)
  const describe = (): string =>
    JSON.stringify({
      apiVersion,
      kind: 'ExecCredential',
      spec: { interactive: false, ...(info ? { cluster: clusterInfo(cluster) } : {}) },
    })

  return {
    run: () =>
      new Promise((resolve) => {
        const env = { ...process.env, ...environment, KUBERNETES_EXEC_INFO: describe() }
        const options = { env, timeout: RUN_MILLISECONDS, maxBuffer: MOST_OUTPUT }
        const child = execFile(command, args, options, (error, stdout, stderr) => {
          if (error === null) return resolve(parseCredential(stdout, apiVersion, command))
          const absent = 'code' in error && error.code === 'ENOENT'
          const why = absent ? 'there is no such program' : stderr.trim().slice(-300) || error.message
          resolve({ ok: false, message: `the credential plugin ${command}: ${why}${absent ? ending(hint) : ''}` })
        })
        child.stdin?.end()
      }),
  }
}

function ending(hint: string): string {
  return hint === '' ? '' : `. ${hint.trim()}`
}

function readArguments(raw: unknown, where: string): readonly string[] {
  if (raw === undefined || raw === null) return []
  if (!Array.isArray(raw) || !raw.every((item): item is string => typeof item === 'string'))
    throw new KubeconfigError(`${where} is not a list of strings.`)
  return raw
}

function clusterInfo({ server, trust }: { readonly server: URL; readonly trust: Trust }): Mapping {
  const authority = trust.authority()
  return {
    server: server.href,
    'insecure-skip-tls-verify': trust.insecure,
    ...(trust.serverName === undefined ? {} : { 'tls-server-name': trust.serverName }),
    ...(authority === undefined ? {} : { 'certificate-authority-data': Buffer.from(authority).toString('base64') }),
  }
}

function parseCredential(text: string, apiVersion: string, command: string): ExecResult {
  const refuse = (why: string): ExecResult => ({ ok: false, message: `the credential plugin ${command} ${why}` })
  let printed: unknown
  try {
    printed = JSON.parse(text)
  } catch {
    return refuse('printed something that is not JSON')
  }
  const root = fieldsOf(printed)
  if (root['kind'] !== 'ExecCredential' || root['apiVersion'] !== apiVersion)
    return refuse(`printed no ExecCredential of ${apiVersion}`)
  const status = fieldsOf(root['status'])
  const token = textOf(status['token'])
  const certificate = textOf(status['clientCertificateData'])
  const key = textOf(status['clientKeyData'])
  if (token === undefined && (certificate === undefined || key === undefined))
    return refuse('printed neither a token nor a certificate with its key')
  const expires = textOf(status['expirationTimestamp'])
  const expiresAt = expires === undefined ? undefined : Date.parse(expires)
  if (expiresAt !== undefined && Number.isNaN(expiresAt)) return refuse(`printed a time that is none: ${expires ?? ''}`)
  const authorization = token === undefined ? undefined : `Bearer ${token}`
  return { ok: true, credential: { authorization, certificate, key }, expiresAt }
}

function fieldsOf(raw: unknown): Mapping {
  return typeof raw === 'object' && raw !== null ? { ...raw } : {}
}

function textOf(raw: unknown): string | undefined {
  return typeof raw === 'string' && raw !== '' ? raw : undefined
}
