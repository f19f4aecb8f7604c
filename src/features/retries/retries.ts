import type { ProfileDirective } from '../../nginx/profile.js'
import { family } from '../declare.js'
import { bool, int } from '../kinds/kinds.js'
import { conditions } from './conditions.js'

/** PRX-0, PRX-3, RTY-1. Source: annotations.md section 7; ngx_http_proxy_module, proxy_next_upstream. */
export const retries = family({
  name: 'retries',
  title: 'Retries',
  doc: 'When a request is sent to another endpoint, as long as nothing was sent to the client.',
  annotations: {
    'proxy-next-upstream': {
      kind: conditions,
      doc: 'What makes a request go to another endpoint; `off` is never.',
      effect: 'path',
      risk: 'medium',
      bad: 'default',
      fallback: 'error timeout',
      example: 'error timeout http_502',
      configMapKey: 'proxy-next-upstream',
    },
    'proxy-next-upstream-tries': {
      kind: int({ from: 0 }),
      doc: 'How often a request is sent at most; 0 is no limit of its own.',
      effect: 'path',
      risk: 'low',
      bad: 'default',
      fallback: '3',
      example: '2',
      configMapKey: 'proxy-next-upstream-tries',
    },
    'proxy-next-upstream-timeout': {
      kind: int({ from: 0 }),
      doc: 'Seconds after which no further endpoint is tried; 0 is no limit.',
      effect: 'path',
      risk: 'low',
      bad: 'default',
      fallback: '0',
      example: '10',
      configMapKey: 'proxy-next-upstream-timeout',
    },
  },
  settings: {
    'retry-non-idempotent': {
      kind: bool,
      doc: 'Requests that change something (POST, LOCK, PATCH) are sent to another endpoint too after they reached one that failed; it may have done what they ask.',
      fallback: 'false',
      example: 'true',
    },
  },
  contribute: (values, { has, setting }) => {
    const words = values['proxy-next-upstream'] ?? ['error', 'timeout']
    const off = words.includes('off')
    const tries = has('proxy-next-upstream-tries') ? values['proxy-next-upstream-tries'] : undefined
    const seconds = has('proxy-next-upstream-timeout') ? values['proxy-next-upstream-timeout'] : undefined
    const retries = {
      ...(off ? { tries: 1 } : tries === undefined ? {} : { tries }),
      ...(seconds === undefined ? {} : { seconds }),
    }
    return {
      profile: off ? [] : directiveFor(words, setting('retry-non-idempotent') === true),
      ...(Object.keys(retries).length === 0 ? {} : { route: { retries } }),
    }
  },
})

/** The default's own conditions need no profile. */
function directiveFor(words: readonly string[], always: boolean): readonly ProfileDirective[] {
  const nonIdempotent = always || words.includes('non_idempotent')
  const others = words.filter((word) => word !== 'non_idempotent').toSorted()
  if (!nonIdempotent && others.join(' ') === 'error timeout') return []
  return [{ name: 'proxy_next_upstream', args: [...others, ...(nonIdempotent ? ['non_idempotent'] : [])] }]
}
