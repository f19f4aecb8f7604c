import { family } from '../declare.js'
import { word } from '../kinds/kinds.js'

/** SAT-1. Source: annotations.md section 23; NGINX's directive `satisfy`. */
export const satisfy = family({
  name: 'satisfy',
  title: 'One check or all',
  doc: 'Whether a client has to pass every check of access that its path has, or one of them.',
  annotations: {
    satisfy: {
      kind: word('any', 'all'),
      doc: 'With `any` it is enough to be on the allow list, or to pass basic, digest or external authentication. A deny list holds in any case.',
      effect: 'path',
      risk: 'low',
      bad: 'default',
      fallback: 'all',
      example: 'any',
    },
  },
  contribute: ({ satisfy: which }) => (which === 'any' ? { route: { satisfyAny: true } } : {}),
})
