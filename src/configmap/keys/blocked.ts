import { cidrList } from '../../features/kinds/cidr-list.js'
import { type Kind, parsed, refused } from '../../features/kinds/kind.js'
import type { HeaderTest } from '../../model/blocked-clients.js'
import { isCommonPattern } from '../common-pattern.js'
import { key } from '../declare.js'
import { readableItems } from '../kinds.js'

const headerTest: Kind<HeaderTest> = {
  form: 'text, ~ and a regular expression, or ~* and one in any case',
  parse: (text) => {
    const [, tilde = '', value = ''] = /^(~\*?)?(.*)$/s.exec(text) ?? []
    if (tilde === '') return parsed({ test: 'equals', value: text })
    const test = tilde === '~' ? 'pattern' : 'caseless pattern'
    return value.length <= 2000 && isCommonPattern(value)
      ? parsed({ test, value })
      : refused('is no regular expression')
  },
}

const headerTests: Kind<readonly HeaderTest[]> = {
  form: 'texts, ~ and a regular expression, or ~* and one in any case, with commas between them',
  parse: (text) => {
    const wrong = itemsOf(text).find((item) => !headerTest.parse(item).ok)
    return wrong === undefined
      ? parsed(readableItems(headerTest, text))
      : refused(`holds ${JSON.stringify(wrong)}, which is no regular expression`)
  },
}

function itemsOf(text: string): readonly string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

const others = 'the other items hold'

/**
 * Whom no host answers. Source: configmap.md, "Security policy"; annotations.md section 0.4, step 4. That there are
 * some is in the frame.
 */
export const blocked = {
  'block-cidrs': key({
    kind: cidrList,
    doc: 'Clients that are answered 403 everywhere, also on paths with lists of their own.',
    fallback: 'none',
    example: '192.0.2.0/24,2001:db8::/32',
    changes: 'table',
    strict: {
      read: (text) => {
        const good = itemsOf(text).filter((item) => cidrList.parse(item).ok)
        const read = cidrList.parse(good.join(','))
        return read.ok ? read.value : {}
      },
      instead: others,
    },
  }),
  'block-user-agents': key({
    kind: headerTests,
    doc: 'Requests with such a User-Agent are answered 403 everywhere.',
    fallback: 'none',
    example: 'BadBot/1.0,~*scrap(er|y)',
    changes: 'table',
    strict: { read: (text) => readableItems(headerTest, text), instead: others },
  }),
  'block-referers': key({
    kind: headerTests,
    doc: 'Requests with such a Referer are answered 403 everywhere.',
    fallback: 'none',
    example: 'http://spam.test/,~spam',
    changes: 'table',
    strict: { read: (text) => readableItems(headerTest, text), instead: others },
  }),
}
