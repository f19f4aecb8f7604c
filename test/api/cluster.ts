import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const scripts = fileURLToPath(new URL('../cluster/', import.meta.url))

export interface ClusterOptions {
  /** `api`: etcd and kube-apiserver. `node`: a whole cluster with one node in a network namespace; root. */
  readonly kind: 'api' | 'node'
  /** Of `test/cluster/up`: `--netns`, `--controllers`, `--lb`. */
  readonly options?: readonly string[]
  /** Of kube-apiserver: `--goaway-chance=0.02`. */
  readonly serverFlags?: readonly string[]
}

/** A running cluster; its scripts and folders are told in test/cluster/README.md. */
export interface Cluster {
  readonly name: string
  readonly url: string
  /** Files: the CA's certificate, the administrator's token, the administrator's kubeconfig. */
  readonly caFile: string
  readonly tokenFile: string
  readonly kubeconfig: string
  /** The address of etcd, which speaks JSON under /v3. */
  readonly etcd: string
  /** Its network namespace; '': none. */
  readonly netns: string
  /** What kubectl writes to standard output, as administrator. Throws with what it writes to standard error. */
  kubectl(...words: readonly string[]): Promise<string>
  /** Objects as values; `namespace` is for those that name none. */
  apply(objects: readonly object[], namespace?: string): Promise<void>
  /** Makes a namespace of this test's own and gives its name. */
  namespace(): Promise<string>
  /** A token of a service account, which is made if it is not there; the shortest time is `10m`, the default an hour. */
  token(namespace: string, account: string, duration?: string): Promise<string>
  /** `test/cluster/ctl`: control('expire'), control('kill', 'etcd'), control('drop', '6443'). */
  control(...words: readonly string[]): Promise<string>
  /** A command in the cluster's network namespace with its kubeconfig and kubectl; gives standard output. */
  run(command: string, ...words: readonly string[]): Promise<string>
  end(): Promise<void>
}

let count = 0

/** Starts a cluster, which also ends when this process does. Seconds, so one for each file of tests rather than each test. */
export async function startCluster({ kind, options = [], serverFlags = [] }: ClusterOptions): Promise<Cluster> {
  const name = `${kind}-${process.pid}-${++count}`
  const owner = ['--owner', String(process.pid)]
  const end = async (): Promise<void> => void (await script('down', name))
  await script('up', kind, '--name', name, ...owner, ...options, '--', ...serverFlags).catch(
    async (failure: unknown) => {
      await end()
      throw failure
    },
  )
  const { url, caFile, tokenFile, kubeconfig, kubectl, etcd, netns } = readClusterFile(name)
  const enter = (...words: readonly string[]): Promise<string> => script('enter', name, '--', ...words)
  const admin = (words: readonly string[], input = ''): Promise<string> =>
    output(join(scripts, 'enter'), [name, '--', kubectl, ...words], input)
  return {
    name,
    url,
    caFile,
    tokenFile,
    kubeconfig,
    etcd,
    netns,
    kubectl: (...words) => admin(words),
    async apply(objects, namespace = 'default') {
      const list = { apiVersion: 'v1', kind: 'List', items: objects }
      await admin(['apply', '-n', namespace, '-f', '-'], JSON.stringify(list))
    },
    async namespace() {
      const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { generateName: 'test-' } }
      return admin(['create', '-f', '-', '-o', 'jsonpath={.metadata.name}'], JSON.stringify(object))
    },
    async token(namespace, account, duration = '1h') {
      return (await script('ctl', name, 'token', namespace, account, duration)).trim()
    },
    control: (...words) => script('ctl', name, ...words),
    run: enter,
    end,
  }
}

interface ClusterFile {
  readonly url: string
  readonly caFile: string
  readonly tokenFile: string
  readonly kubeconfig: string
  readonly kubectl: string
  readonly etcd: string
  readonly netns: string
}

function readClusterFile(name: string): ClusterFile {
  const parent = process.env['TESTCLUSTER_RUN'] ?? join(tmpdir(), 'fairlead-testcluster')
  return JSON.parse(readFileSync(join(parent, name, 'cluster.json'), 'utf8')) as ClusterFile // test/cluster/up wrote it
}

const script = (name: string, ...words: readonly string[]): Promise<string> => output(join(scripts, name), words)

function output(file: string, words: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(file, words, { maxBuffer: 256 * 1024 * 1024 }, (failure, stdout, stderr) => {
      if (failure === null) resolve(stdout)
      else reject(new Error(`${[file, ...words].join(' ')}: ${stderr.trim() || failure.message}`))
    })
    child.stdin?.end(input)
  })
}
