import { complain, type Reading, readItems, readMapping, readPort, readString, readWord } from './fields.js'
import type {
  Ingress,
  IngressBackend,
  IngressPath,
  IngressRule,
  IngressTls,
  ObjectMeta,
  PortReference,
} from './objects.js'
import { parsePublished } from './parse-published.js'

/** networking.k8s.io/v1 Ingress. A missing pathType counts as ImplementationSpecific. */
export function parseIngress(reading: Reading, meta: ObjectMeta, raw: Readonly<Record<string, unknown>>): Ingress {
  const spec = readMapping(reading, raw.spec, 'spec')
  const className = spec.ingressClassName
  return {
    kind: 'Ingress',
    ...meta,
    ingressClassName: isAbsent(className) ? undefined : readString(reading, className, 'spec.ingressClassName'),
    defaultBackend: isAbsent(spec.defaultBackend)
      ? undefined
      : parseBackend(reading, spec.defaultBackend, 'spec.defaultBackend'),
    tls: readItems(reading, spec.tls, 'spec.tls', (item, field) => parseTls(reading, item, field)),
    rules: readItems(reading, spec.rules, 'spec.rules', (item, field) => parseRule(reading, item, field)),
    published: parsePublished(raw.status),
  }
}

function parseTls(reading: Reading, raw: unknown, field: string): IngressTls {
  const fields = readMapping(reading, raw, field)
  const hosts = readItems(reading, fields.hosts, `${field}.hosts`, (host, at) => readString(reading, host, at))
  return Object.freeze({ hosts, secretName: readString(reading, fields.secretName, `${field}.secretName`) })
}

function parseRule(reading: Reading, raw: unknown, field: string): IngressRule {
  const fields = readMapping(reading, raw, field)
  const host = readString(reading, fields.host, `${field}.host`)
  if (isAbsent(fields.http)) return Object.freeze({ host, paths: undefined })
  const http = readMapping(reading, fields.http, `${field}.http`)
  const paths = readItems(reading, http.paths, `${field}.http.paths`, (path, at) => parsePath(reading, path, at))
  return Object.freeze({ host, paths })
}

function parsePath(reading: Reading, raw: unknown, field: string): IngressPath {
  const fields = readMapping(reading, raw, field)
  const pathTypes = ['ImplementationSpecific', 'Exact', 'Prefix'] as const
  return Object.freeze({
    path: readString(reading, fields.path, `${field}.path`),
    pathType: readWord(reading, fields.pathType, `${field}.pathType`, pathTypes),
    backend: parseBackend(reading, fields.backend, `${field}.backend`),
  })
}

const noBackend: IngressBackend = Object.freeze({ kind: 'none' })

function parseBackend(reading: Reading, raw: unknown, field: string): IngressBackend {
  const fields = readMapping(reading, raw, field)
  if (!isAbsent(fields.service)) {
    const service = readMapping(reading, fields.service, `${field}.service`)
    const name = readString(reading, service.name, `${field}.service.name`)
    // What is no text has been complained of already.
    const isMissing = isAbsent(service.name) || service.name === ''
    if (isMissing) complain(reading, `${field}.service.name`, `${field}.service.name is missing.`)
    return Object.freeze({ kind: 'service', name, port: parsePort(reading, service.port, `${field}.service.port`) })
  }
  if (isAbsent(fields.resource)) return noBackend
  const resource = readMapping(reading, fields.resource, `${field}.resource`)
  return Object.freeze({ kind: 'resource', name: readString(reading, resource.name, `${field}.resource.name`) })
}

function parsePort(reading: Reading, raw: unknown, field: string): PortReference {
  const fields = readMapping(reading, raw, field)
  const name = readString(reading, fields.name, `${field}.name`)
  // A zero is what a client writes that always sends the field.
  const numbered = !isAbsent(fields.number) && fields.number !== 0
  if (numbered && name === '') return readPort(reading, fields.number, `${field}.number`)
  if (numbered) complain(reading, field, `${field} has both a number and a name; expected one of them.`)
  else if (name === '') complain(reading, field, `${field} has neither number nor name; expected one of them.`)
  return name
}

function isAbsent(raw: unknown): raw is undefined | null {
  return raw === undefined || raw === null
}
