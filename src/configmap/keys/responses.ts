import { bool, int } from '../../features/kinds/kinds.js'
import { type Kind, parsed, refused } from '../../features/kinds/kind.js'
import { isCommonPattern } from '../common-pattern.js'
import { ignored, key } from '../declare.js'
import { mimeTypes } from '../kinds.js'

const BROTLI = 'The engine has no module for brotli; use-gzip compresses.'
const ANNOTATION_ONLY = 'ingress-nginx does not use it either; only the annotation of the name has an effect.'

const userAgents: Kind<string> = {
  form: 'regular expression',
  parse: (text) => {
    // NGINX's file would take it for a variable.
    if (text.includes('$')) return refused('holds a $; the end of the text is \\Z')
    // eslint-disable-next-line no-control-regex -- these are what is looked for
    if (/[\u0000-\u001f\u007f]/.test(text)) return refused('holds a line end or another control character')
    if (/\p{Surrogate}/u.test(text)) return refused('holds half a character')
    if (text.length > 1000) return refused('is longer than 1000 characters')
    return isCommonPattern(text)
      ? parsed(text)
      : refused('is no regular expression, or one of a kind that cannot be used here')
  },
}

/** Answers. Source: configmap.md, "Responses"; ngx_http_gzip_module. `read-frame.ts` joins those of gzip. */
export const responses = {
  'use-gzip': key({
    kind: bool,
    doc: 'Answers are compressed with gzip for clients that accept it, those of backends too.',
    fallback: 'false',
    example: 'true',
    changes: 'frame',
  }),
  'gzip-level': key({
    kind: int({ from: 1, to: 9 }),
    doc: 'How much time gzip takes to make them small.',
    fallback: '1',
    example: '5',
    changes: 'frame',
  }),
  'gzip-min-length': key({
    kind: int({ from: 0 }),
    doc: 'Answers with a smaller Content-Length are left as they are.',
    fallback: '256',
    example: '1024',
    changes: 'frame',
  }),
  'gzip-types': key({
    kind: mimeTypes,
    doc: 'Which answers are compressed, besides text/html.',
    fallback: 'texts, scripts, JSON, XML, fonts and images of text',
    example: 'text/css application/json',
    changes: 'frame',
  }),
  'gzip-disable': key({
    kind: userAgents,
    doc: 'Clients whose User-Agent matches get nothing compressed.',
    fallback: 'none',
    example: 'msie6',
    changes: 'frame',
  }),
  'enable-brotli': ignored(BROTLI),
  'brotli-level': ignored(BROTLI),
  'brotli-min-length': ignored(BROTLI),
  'brotli-types': ignored(BROTLI),
  'app-root': ignored(ANNOTATION_ONLY),
}
