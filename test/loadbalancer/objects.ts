interface ServiceFields {
  readonly uid?: string
  readonly type?: string
  readonly class?: string
  readonly annotations?: Readonly<Record<string, string>>
  readonly labels?: Readonly<Record<string, string>>
  readonly finalizers?: readonly string[]
  readonly ports?: readonly number[]
  readonly status?: readonly object[]
  readonly spec?: object
}

/** A Service in the namespace `shop`, as an API server has it. */
export function service(name: string, fields: ServiceFields = {}): object {
  const { uid = `uid-${name}`, type = 'LoadBalancer', annotations = {}, labels = {}, finalizers = [] } = fields
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace: 'shop', name, uid, annotations, labels, finalizers },
    spec: {
      type,
      ...(fields.class === undefined ? {} : { loadBalancerClass: fields.class }),
      ports: (fields.ports ?? [80]).map((port, index) => ({
        name: `p${port}`,
        protocol: 'TCP',
        port,
        targetPort: port,
        nodePort: 30_000 + index,
      })),
      externalTrafficPolicy: 'Cluster',
      ipFamilies: ['IPv4'],
      ...fields.spec,
    },
    status: { loadBalancer: fields.status === undefined ? {} : { ingress: fields.status } },
  }
}

export function node(name: string, fields: { readonly labels?: object; readonly ready?: boolean } = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, uid: `uid-${name}`, labels: fields.labels ?? {} },
    spec: { providerID: `test://${name}` },
    status: {
      addresses: [{ type: 'InternalIP', address: '10.0.0.1' }],
      conditions: [{ type: 'Ready', status: fields.ready === false ? 'False' : 'True' }],
    },
  }
}
