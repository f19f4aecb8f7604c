import { family } from '../declare.js'
import { bool } from '../kinds/kinds.js'

/** LOG-1. Source: annotations.md section 16. */
export const accessLog = family({
  name: 'access-log',
  title: 'Access log',
  doc: 'Whether requests are written to the access log.',
  annotations: {
    'enable-access-log': {
      kind: bool,
      doc: 'With `false` requests to the paths are not in the access log.',
      effect: 'path',
      risk: 'low',
      bad: 'default',
      fallback: 'true',
      example: 'false',
    },
    'enable-rewrite-log': {
      kind: bool,
      doc: 'It has no effect: rewrites are made in Lua, and `fairlead explain` shows them.',
      effect: 'path',
      risk: 'low',
      bad: 'default',
      fallback: 'false',
      example: 'true',
    },
  },
  contribute: ({ 'enable-access-log': isLogged }) => (isLogged === false ? { paths: { unlogged: true } } : {}),
})
