/** What the provider knows of the cluster. */
export interface ClusterFacts {
  readonly region: string
  /** Tells clusters of one account apart, in tags and names. */
  readonly cluster: string
  readonly vpc: string
  /** Of intranet instances that name none: the first that has an address left. */
  readonly vswitches: readonly string[]
  /** Backends are nodes, or pods with network interfaces (Terway), unless a Service says otherwise. */
  readonly backends: 'ecs' | 'eni'
  /** Instances with the tags of Alibaba's own controller become ours. */
  readonly takeOver: boolean
}
