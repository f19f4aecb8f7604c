import type { IngressDetail, IngressRow, Page, RuleRow } from '../../observe/shown.js'
import { describeObject, type Problem } from '../../problems/problem.js'
import type { Ingress, IngressBackend } from '../../snapshot/objects.js'
import type { Canary } from '../../translate/canaries.js'
import type { DeclaredBackend, DeclaredIngress } from '../../translate/ingress.js'
import type { Translation } from '../../translate/translate.js'
import type { Traffic } from '../../observe/metrics/traffic.js'
import { pageOf, type PageQuestion } from './page.js'
import { countProblems, type Locate, problemRow } from './problems.js'

type Sources = Pick<Translation, 'declared' | 'upstreams' | 'canaries'>

export interface IngressList {
  page(from: Sources, problems: readonly Problem[], question: PageQuestion): Page<IngressRow>
  /** undefined: no such Ingress is served. */
  detail(from: Sources, problems: readonly Problem[], key: string, locate: Locate): IngressDetail | undefined
}

/** Annotations in which tools keep a copy of the object; it tells nothing, and is long. */
const COPIES = new Set(['kubectl.kubernetes.io/last-applied-configuration'])
const SHOWN_RULES = 4

/**
 * The Ingresses that are served (ack.md 8.2): a row of each, and one with everything that is known of it. `traffic`
 * undefined: requests are not counted.
 */
export function createIngressList(traffic: Pick<Traffic, 'ofRoute'> | undefined): IngressList {
  const texts = new WeakMap<DeclaredIngress, string>()
  let known: Sources['declared'] | undefined
  let sources: readonly DeclaredIngress[] = []
  let knownProblems: readonly Problem[] | undefined
  let byObject: ReadonlyMap<string, readonly Problem[]> = new Map()

  const textOf = (declared: DeclaredIngress): string => {
    const before = texts.get(declared)
    if (before !== undefined) return before
    const { ingress } = declared
    const text = `${ingress.namespace}/${ingress.name} ${rulesOf(ingress).join(' ')} ${classOf(ingress)}`.toLowerCase()
    texts.set(declared, text)
    return text
  }
  const problemsOf = (problems: readonly Problem[], ingress: Ingress): readonly Problem[] => {
    if (problems !== knownProblems) {
      knownProblems = problems
      byObject = groupByObject(problems)
    }
    return byObject.get(`Ingress ${ingress.namespace}/${ingress.name}`) ?? []
  }

  return {
    page(from, problems, question) {
      if (from.declared !== known) {
        known = from.declared
        sources = [...from.declared.values()]
      }
      return pageOf(sources, textOf, question, (declared) => rowOf(declared, problemsOf(problems, declared.ingress)))
    },
    detail(from, problems, key, locate) {
      const declared = from.declared.get(key)
      return declared === undefined
        ? undefined
        : detailOf(declared, from, problemsOf(problems, declared.ingress).map(locate), traffic)
    },
  }
}

function groupByObject(problems: readonly Problem[]): ReadonlyMap<string, readonly Problem[]> {
  const groups = new Map<string, Problem[]>()
  for (const problem of problems) {
    const name = describeObject(problem.about)
    const group = groups.get(name)
    if (group === undefined) groups.set(name, [problem])
    else group.push(problem)
  }
  return groups
}

function rowOf({ ingress, canary }: DeclaredIngress, problems: readonly Problem[]): IngressRow {
  const rules = rulesOf(ingress)
  return {
    namespace: ingress.namespace,
    name: ingress.name,
    class: classOf(ingress),
    addresses: addressesOf(ingress),
    rules: rules.slice(0, SHOWN_RULES),
    more: Math.max(0, rules.length - SHOWN_RULES),
    tls: ingress.tls.length > 0,
    ...(ingress.createdAt === undefined ? {} : { createdAt: ingress.createdAt }),
    ...countProblems(problems),
    isCanary: canary !== undefined,
  }
}

function detailOf(
  declared: DeclaredIngress,
  from: Sources,
  problems: readonly Problem[],
  traffic: Pick<Traffic, 'ofRoute'> | undefined,
): IngressDetail {
  const { ingress, canary } = declared
  return {
    namespace: ingress.namespace,
    name: ingress.name,
    class: classOf(ingress),
    ...(ingress.createdAt === undefined ? {} : { createdAt: ingress.createdAt }),
    ...(ingress.source === undefined ? {} : { file: ingress.source.file }),
    addresses: addressesOf(ingress),
    labels: Object.entries(ingress.labels),
    annotations: Object.entries(ingress.annotations).filter(([name]) => !COPIES.has(name)),
    rules: detailedRules(declared, from, traffic),
    tls: ingress.tls.map(({ hosts, secretName }) => ({ hosts, secret: secretName })),
    ...(canary === undefined ? {} : { canary: describeSplit(canary.split) }),
    problems: problems.map(problemRow),
  }
}

function detailedRules(
  { rules, defaultBackend, canary }: DeclaredIngress,
  from: Sources,
  traffic: Pick<Traffic, 'ofRoute'> | undefined,
): readonly RuleRow[] {
  const row = (host: string, path: string, pathType: string, backend: DeclaredBackend): RuleRow => {
    const { addresses = [], ports = [] } = from.upstreams.get(backend.key)?.document ?? {}
    const beside = from.canaries.get(backend.key)
    return {
      host,
      path,
      pathType,
      service: backend.key,
      endpoints: addresses.map((address, i) => `${address}:${ports[i] ?? 0}`),
      ...(beside === undefined ? {} : { canary: `${beside.split.upstream} (${describeSplit(beside.split)})` }),
    }
  }
  return [
    ...rules.flatMap(({ host, paths }) =>
      paths.map(({ path, pathType, backend }) => {
        const live = traffic?.ofRoute(host, path)
        return { ...row(host, path, pathType, backend), ...(live === undefined ? {} : { live }) }
      }),
    ),
    ...(defaultBackend === undefined ? [] : [row('', '', 'default backend', defaultBackend)]),
    ...(canary?.places ?? []).map(({ host, path, backend }) =>
      row(host, path?.path ?? '', path?.pathType ?? 'default backend', backend),
    ),
  ]
}

/** The rules in the order in which they are asked (CAN-7). */
function describeSplit({ rules, weight }: Pick<Canary['split'], 'rules' | 'weight'>): string {
  const words = rules.map((rule) => {
    const subject = `${rule.of === 'query' ? 'query argument' : rule.of} ${rule.name}`
    if (rule.test === 'words') return subject
    return rule.test === 'equals' ? `${subject} is ${JSON.stringify(rule.value)}` : `${subject} matches ${rule.value}`
  })
  const share = weight === undefined ? [] : [`weight ${weight.weight} of ${weight.total}`]
  return [...words, ...share].join(', then ') || 'nothing sends requests there'
}

function rulesOf({ rules, defaultBackend }: Ingress): readonly string[] {
  const declared = rules.flatMap(({ host, paths }) =>
    (paths ?? []).map(({ path, backend }) => `${host === '' ? '*' : host}${path} → ${backendOf(backend)}`),
  )
  return defaultBackend === undefined ? declared : [...declared, `default → ${backendOf(defaultBackend)}`]
}

function backendOf(backend: IngressBackend): string {
  return backend.kind === 'service'
    ? `${backend.name}:${backend.port}`
    : backend.kind === 'none'
      ? 'nothing'
      : backend.name
}

function classOf({ ingressClassName, annotations }: Ingress): string {
  return ingressClassName ?? annotations['kubernetes.io/ingress.class'] ?? ''
}

function addressesOf({ published }: Ingress): readonly string[] {
  return published.map(({ ip, hostname }) => (hostname === '' ? ip : hostname))
}
