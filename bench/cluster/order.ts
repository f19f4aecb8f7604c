import type { ClusterBenchOptions } from './options.js'

/** What main.ts tells the process in the network namespace. */
export interface Order {
  readonly options: ClusterBenchOptions
  readonly repository: string
  readonly kubeconfig: string
  /** Versions of API server and etcd. */
  readonly server: string
}

export function printOrder(order: Order): string {
  return JSON.stringify(order)
}

export function readOrder(text: string): Order {
  return JSON.parse(text) as Order // printOrder wrote it
}
