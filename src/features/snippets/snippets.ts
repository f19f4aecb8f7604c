import { type Complaint, type Context, type Contribution, family, type Instead } from '../declare.js'
import { type Kind, parsed } from '../kinds/kind.js'
import { directivesIn, type RawDirective } from './directives.js'
import { keepsSomebodyOut, settingsInstead, streamSettings } from './instead.js'

const raw: Kind<readonly RawDirective[]> = {
  form: 'raw configuration, which is never run',
  parse: (text) => parsed(directivesIn(text)),
}

const common = { kind: raw, risk: 'critical', bad: 'close', fallback: '-' } as const

/** SNP-1, SNP-2, GEN-10. Source: annotations.md section 26. */
export const snippets = family({
  name: 'snippets',
  title: 'Snippets',
  doc: 'Raw configuration is never run. An Ingress with a snippet is refused, unless the main ConfigMap has `annotations-risk-level: Critical`: then it is served without, and a problem names the settings that do what the snippet says. With allow-snippet-annotations too, a snippet that keeps somebody out (deny, auth_basic, return 403 and the like) closes what it was for.',
  annotations: {
    'configuration-snippet': {
      ...common,
      doc: 'Directives for the paths of the Ingress.',
      effect: 'path',
      example: 'more_set_headers "X-Frame-Options: DENY";',
    },
    'server-snippet': {
      ...common,
      doc: 'Directives for the hosts of the Ingress.',
      effect: 'host',
      example: 'location = /old { return 301 /new; }',
    },
    'stream-snippet': {
      ...common,
      doc: 'Directives for TCP and UDP. The ConfigMaps of --tcp-services-configmap and --udp-services-configmap say which ports are served.',
      effect: 'host',
      example: 'server { listen 5432; proxy_pass db:5432; }',
    },
  },
  contribute: (values, context): Contribution => {
    const complaints = [
      ...complain('configuration-snippet', values['configuration-snippet'], 'close', context),
      ...complain('server-snippet', values['server-snippet'], 'forbid', context),
      ...complain('stream-snippet', values['stream-snippet'], 'off', context),
    ]
    return complaints.some(({ instead }) => instead === 'forbid')
      ? { complaints, host: { forbidden: true } }
      : { complaints }
  },
})

/** `closing`: what becomes of a snippet that would keep somebody out. Where snippets are not allowed, nobody relied on it. */
function complain(
  annotation: string,
  directives: readonly RawDirective[] | undefined,
  closing: Instead,
  { allowsSnippets }: Pick<Context, 'allowsSnippets'>,
): readonly Complaint[] {
  if (directives === undefined) return []
  const closes = allowsSnippets && keepsSomebodyOut(directives)
  const message = `${neverRun(annotation, directives)}${closes ? ' Remove what keeps somebody out from the snippet once they do.' : ''}`
  return [{ annotation, message, instead: closes ? closing : 'off' }]
}

function neverRun(annotation: string, directives: readonly RawDirective[]): string {
  const others = annotation.endsWith('stream-snippet') ? streamSettings : {}
  return `Raw configuration is never run. ${settingsInstead(directives, others)}`.trimEnd()
}

/** GEN-10: of an annotation, with or without a prefix. */
export function isSnippet(annotation: string): boolean {
  return annotation.endsWith('-snippet')
}

/** Whether an annotation is a snippet that keeps somebody out. */
export function refusesSomebody(annotation: string, text: string): boolean {
  return isSnippet(annotation) && keepsSomebodyOut(directivesIn(text))
}

/** What to say of a snippet that is refused anyway; the annotation with or without a prefix. */
export function insteadOfSnippet(annotation: string, text: string): string {
  return neverRun(annotation, directivesIn(text))
}
