import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { parseDocument } from 'yaml'
import { type AccessResult, parseServer } from './access.js'
import { createReader, KubeconfigError, type Mapping } from './kubeconfig-reader.js'
import { readTrust } from './kubeconfig-trust.js'
import { readUser } from './kubeconfig-user.js'

/**
 * Reads a kubeconfig: its current context, the cluster and the user that one names. Paths in it are relative to its
 * folder. Not supported, and said: `proxy-url`, impersonation (`as`), `auth-provider`.
 * Source: Kubernetes, "Organizing Cluster Access Using kubeconfig Files", and kubeconfig (v1).
 */
export function readKubeconfig(path: string, now: () => number): AccessResult {
  try {
    return read(path, now)
  } catch (cause) {
    if (cause instanceof KubeconfigError) return { ok: false, message: `The kubeconfig ${path}: ${cause.message}` }
    throw cause
  }
}

function read(path: string, now: () => number): AccessResult {
  const reader = createReader(dirname(path))
  const root = reader.mapping(parse(path), 'the file')
  const contextName = reader.text(root['current-context'], 'current-context')
  if (contextName === '')
    throw new KubeconfigError('current-context is not set; choose one with `kubectl config use-context NAME`.')
  const context = reader.mapping(entry(reader.list(root['contexts'], 'contexts'), 'context', contextName), 'context')
  const clusterName = reader.text(context['cluster'], `context ${contextName}: cluster`)
  const userName = reader.text(context['user'], `context ${contextName}: user`)
  if (clusterName === '') throw new KubeconfigError(`context ${contextName} names no cluster.`)
  const cluster = entry(reader.list(root['clusters'], 'clusters'), 'cluster', clusterName)
  const where = `cluster ${clusterName}`
  const address = reader.text(cluster['server'], `${where}: server`)
  const server = parseServer(address)
  if (address === '' || server === null)
    throw new KubeconfigError(
      `${where}: server is ${JSON.stringify(address)}; expected a URL such as https://10.0.0.1:6443.`,
    )
  if (reader.text(cluster['proxy-url'], `${where}: proxy-url`) !== '')
    throw new KubeconfigError(`${where}: proxy-url is not supported; name an address that can be reached directly.`)
  const user = userName === '' ? {} : entry(reader.list(root['users'], 'users'), 'user', userName)
  const namespace = reader.text(context['namespace'], `context ${contextName}: namespace`)
  const trust = readTrust(reader, cluster, where, now)
  return {
    ok: true,
    access: {
      server,
      trust,
      credentials: readUser(reader, user, `user ${userName}`, { server, trust, now }),
      namespace: namespace === '' ? 'default' : namespace,
    },
    warnings: trust.insecure
      ? [
          `${where} of the kubeconfig has insecure-skip-tls-verify: whoever is on the way can read and change everything.`,
        ]
      : [],
  }
}

function parse(path: string): unknown {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new KubeconfigError(`it could not be read (${cause instanceof Error ? cause.message : String(cause)}).`)
  }
  const document = parseDocument(text)
  const [error] = document.errors
  if (error !== undefined) throw new KubeconfigError(`it is not valid YAML: ${error.message.split('\n')[0] ?? ''}`)
  return document.toJS()
}

/** The mapping under `kind` of the list's item with that name. */
function entry(items: readonly Mapping[], kind: 'context' | 'cluster' | 'user', name: string): Mapping {
  const found = items.find((item) => item['name'] === name)
  if (found === undefined) {
    const names = items.map((item) => String(item['name'])).join(', ')
    throw new KubeconfigError(`there is no ${kind} ${name}; there is ${names === '' ? 'none' : names}.`)
  }
  const value = found[kind]
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
