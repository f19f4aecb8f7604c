/** A kind of resource, and which objects of it. */
export interface Resource {
  /** '' is the core group. */
  readonly group: string
  readonly version: string
  /** As in URLs: `ingresses`. */
  readonly plural: string
  /** '' is every namespace, or a kind that has none. */
  readonly namespace: string
  readonly fieldSelector?: string
  readonly labelSelector?: string
}

/** The path of a list, or of one object of it when a name is given; `subresource` such as `status`. */
export function resourcePath(resource: Resource, name = '', subresource = ''): string {
  const { group, version, plural, namespace } = resource
  const parts = group === '' ? ['api', version] : ['apis', group, version]
  if (namespace !== '') parts.push('namespaces', namespace)
  parts.push(plural)
  if (name !== '') parts.push(name)
  if (subresource !== '') parts.push(subresource)
  return `/${parts.map(encodeURIComponent).join('/')}`
}

/** `ingresses.networking.k8s.io`, as kubectl writes it. */
export function resourceName({ group, plural }: Pick<Resource, 'group' | 'plural'>): string {
  return group === '' ? plural : `${plural}.${group}`
}
