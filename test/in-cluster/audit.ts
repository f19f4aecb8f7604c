import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Cluster } from '../api/cluster.js'

/** What a service account asked the API server for. */
export interface Asked {
  readonly verb: string
  readonly group: string
  /** With the subresource: `ingresses/status`. */
  readonly resource: string
  readonly name: string
  readonly status: number
}

/** A permission of a role, one verb on one resource. */
export interface Permission {
  readonly verb: string
  readonly group: string
  readonly resource: string
}

/** Flags of kube-apiserver that have it write what service accounts ask into `folder`. */
export function auditFlags(folder: string): readonly string[] {
  const policy = {
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    omitStages: ['RequestReceived'],
    rules: [{ level: 'Metadata', userGroups: ['system:serviceaccounts'] }, { level: 'None' }],
  }
  writeFileSync(join(folder, 'policy.json'), JSON.stringify(policy))
  return [`--audit-policy-file=${join(folder, 'policy.json')}`, `--audit-log-path=${join(folder, 'audit.log')}`]
}

interface AuditLine {
  readonly user: { readonly username: string }
  readonly verb: string
  readonly objectRef?: {
    readonly resource?: string
    readonly subresource?: string
    readonly apiGroup?: string
    readonly name?: string
  }
  readonly responseStatus?: { readonly code?: number }
}

/** `account`: `fairlead/fairlead`. */
export function readAudit(folder: string, account: string): readonly Asked[] {
  const file = join(folder, 'audit.log')
  if (!existsSync(file)) return []
  const user = `system:serviceaccount:${account.replace('/', ':')}`
  const whole = readFileSync(file, 'utf8').split('\n').slice(0, -1)
  const lines = whole.map((line) => JSON.parse(line) as AuditLine) // kube-apiserver wrote it
  return lines
    .filter(({ user: { username } }) => username === user)
    .map(({ verb, objectRef = {}, responseStatus }) => {
      const { resource = '', subresource, apiGroup = '', name = '' } = objectRef
      const whole = subresource === undefined ? resource : `${resource}/${subresource}`
      return { verb, group: apiGroup, resource: whole, name, status: responseStatus?.code ?? 0 }
    })
}

interface Rule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
}

/** All that the ClusterRole and the Role of the chart permit, without the names that some are for. */
export async function permissionsOf(cluster: Cluster): Promise<readonly Permission[]> {
  const rules = async (...words: readonly string[]): Promise<readonly Rule[]> =>
    JSON.parse(await cluster.kubectl(...words, '-o', 'jsonpath={.rules}')) as readonly Rule[] // kubectl wrote it
  const all = [
    ...(await rules('get', 'clusterrole', 'fairlead')),
    ...(await rules('--namespace', 'fairlead', 'get', 'role', 'fairlead')),
  ]
  return all.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) => resources.flatMap((resource) => verbs.map((verb) => ({ verb, group, resource })))),
  )
}
