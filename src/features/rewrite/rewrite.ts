import type { RewriteSettings, RouteFeatures } from '../../model/features.js'
import type { Ingress } from '../../snapshot/objects.js'
import { parseVariables } from '../../request/variables.js'
import { type Complaint, family, type HttpsRule, type PathContext, type Values } from '../declare.js'
import { type Kind, refused } from '../kinds/kind.js'
import { bool, textOf } from '../kinds/kinds.js'
import { complainOfUnknown } from '../unknown-variables.js'
import { bindGroups, namedGroups } from './named-groups.js'

const path = textOf(
  'path; $1 to $9 are the groups of the Ingress path, $name one with that name or a variable of NGINX',
  'A-Za-z0-9\\-._~/:$',
)

const absolutePath: Kind<string> = {
  form: 'absolute path',
  parse: (text) => (text.startsWith('/') ? path.parse(text) : refused('does not begin with "/"')),
}

/** RW-1..5, SSL-1..5, VH-2. Source: annotations.md sections 18 and 23. */
export const rewrite = family({
  name: 'rewrite',
  title: 'Rewriting, regular expressions, redirect to HTTPS',
  doc:
    'Paths as regular expressions, what the backend gets instead of the path, and how plain HTTP is sent to HTTPS. As soon ' +
    'as one path of a host has use-regex or an effective rewrite-target, all paths of that host, of all its Ingresses, are ' +
    'case-insensitive regular expressions without an end, tried longest text first.',
  annotations: {
    'rewrite-target': {
      kind: path,
      doc: 'What the backend gets in place of the whole path; the query is kept. A URL is a redirect (302) to it.',
      effect: 'path',
      risk: 'medium',
      bad: 'default',
      fallback: '-',
      example: '/$2',
    },
    'use-regex': {
      kind: bool,
      doc: 'The paths of the Ingress are regular expressions (PCRE2), and with them all paths of its hosts.',
      effect: 'host',
      risk: 'low',
      bad: 'default',
      fallback: 'false',
      example: 'true',
    },
    'app-root': {
      kind: absolutePath,
      doc: 'Where a request for exactly / of the host is sent (302).',
      effect: 'host',
      risk: 'medium',
      bad: 'default',
      fallback: '-',
      example: '/shop',
    },
    'ssl-redirect': {
      kind: bool,
      doc: 'Plain HTTP is sent to HTTPS where an Ingress with spec.tls has a rule for the host.',
      effect: 'path',
      risk: 'low',
      bad: 'default',
      fallback: 'true',
      example: 'false',
      configMapKey: 'ssl-redirect',
    },
    'force-ssl-redirect': {
      kind: bool,
      doc: 'Plain HTTP is sent to HTTPS also without spec.tls, such as behind a load balancer that ends TLS.',
      effect: 'path',
      risk: 'medium',
      bad: 'default',
      fallback: 'false',
      example: 'true',
      configMapKey: 'force-ssl-redirect',
    },
    'preserve-trailing-slash': {
      kind: bool,
      doc: 'The redirect to HTTPS keeps the slash at the end of the URI.',
      effect: 'path',
      risk: 'medium',
      bad: 'default',
      fallback: 'false',
      example: 'true',
      configMapKey: 'preserve-trailing-slash',
    },
    'x-forwarded-prefix': {
      kind: path,
      doc: 'Header X-Forwarded-Prefix for the backend, only where rewrite-target is effective.',
      effect: 'path',
      risk: 'medium',
      bad: 'refuse',
      fallback: '-',
      example: '/shop',
    },
  },
  contribute: (values, { ingress }) => {
    const target = values['rewrite-target']
    const root = values['app-root']
    const prefix = values['x-forwarded-prefix']
    const https = httpsRuleOf(values)
    return {
      paths: {
        ...(values['use-regex'] === true ? { regex: true } : {}),
        ...(https === undefined ? {} : { https }),
      },
      ...(target === undefined ? {} : { route: routeOf(target, prefix) }),
      ...(root === undefined ? {} : { host: { appRoot: { to: parseVariables(root) } } }),
      ...((target ?? root ?? prefix) === undefined ? {} : { complaints: complaintsAbout(values, ingress) }),
    }
  },
})

interface Texts {
  readonly 'rewrite-target': string | undefined
  readonly 'x-forwarded-prefix': string | undefined
  readonly 'app-root': string | undefined
}

function complaintsAbout(values: Texts, { rules }: Ingress): readonly Complaint[] {
  const target = values['rewrite-target']
  const prefix = values['x-forwarded-prefix']
  const groups = rules.flatMap(({ paths }) => (paths ?? []).flatMap(({ path }) => [...namedGroups(path).keys()]))
  const known = ['1', '2', '3', '4', '5', '6', '7', '8', '9', ...groups]
  return [
    ...complainOfUnknown('rewrite-target', target, known),
    ...(target === undefined ? [] : complainOfUnknown('x-forwarded-prefix', prefix, known)),
    ...(target === undefined && prefix !== undefined ? [WITHOUT_TARGET] : []),
    ...complainOfUnknown('app-root', values['app-root']),
  ]
}

/** VH-2. */
const WITHOUT_TARGET: Complaint = {
  annotation: 'x-forwarded-prefix',
  message: 'x-forwarded-prefix has no effect without rewrite-target.',
  instead: 'off',
}

/** RW-2: a target equal to the path rewrites nothing. GEN-17: neither does a catch-all Ingress. */
function routeOf(target: string, prefix: string | undefined): (path: PathContext) => RouteFeatures | undefined {
  const to = parseVariables(target)
  const before = prefix === undefined ? undefined : parseVariables(prefix)
  const absolute = /^https?:\/\//.test(target)
  const settingsOf = (groups: ReadonlyMap<string, number>): RewriteSettings => ({
    target: bindGroups(to, groups),
    ...(absolute ? { absolute: true } : {}),
    ...(before === undefined ? {} : { prefix: bindGroups(before, groups) }),
  })
  const common = { rewrite: settingsOf(new Map()) }
  return ({ path, match }) => {
    if (path === target || match === 'catch-all') return undefined
    const groups = namedGroups(path)
    return groups.size === 0 ? common : { rewrite: settingsOf(groups) }
  }
}

/** SSL-1, SSL-2, SSL-4; undefined: the rule that holds without any annotation. */
function httpsRuleOf(values: Values<typeof rewrite.annotations>): HttpsRule | undefined {
  const withTls = values['ssl-redirect'] === false ? 'never' : 'with-tls'
  const when = values['force-ssl-redirect'] === true ? 'always' : withTls
  const keepSlash = values['preserve-trailing-slash'] === true
  return when === 'with-tls' && !keepSlash ? undefined : { when, keepSlash }
}
