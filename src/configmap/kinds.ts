import ipaddr from 'ipaddr.js'
import { cidrList } from '../features/kinds/cidr-list.js'
import { int } from '../features/kinds/kinds.js'
import { type Kind, parsed, refused } from '../features/kinds/kind.js'
import { sizeUpTo } from '../features/kinds/size.js'
import type { Buffers } from '../model/frame-settings.js'

/** From the longest on, each at most once, blanks between them; a number alone is of seconds. */
const TIME =
  /^(?:(\d{1,7})d\s*)?(?:(\d{1,7})h\s*)?(?:(\d{1,7})m(?!s)\s*)?(?:(\d{1,7})(?:s|(?!\w))\s*)?(?:(\d{1,7})ms)?$/
const SECONDS_OF = [86_400, 3600, 60, 1, 0.001]

/** A time as NGINX has it (1h30m, 100ms), in whole seconds: a part of one counts as one. */
export const seconds: Kind<number> = {
  form: 'time, such as 240s, 10m, 1h30m',
  parse: (text) => {
    const [, ...parts] = TIME.exec(text) ?? []
    if (!parts.some((digits) => digits !== undefined)) return refused('is not a time such as 240s, 10m or 1h30m')
    const time = SECONDS_OF.reduce((sum, each, i) => sum + Number(parts[i] ?? 0) * each, 0)
    return parsed(Math.ceil(time))
  },
}

/** Items with commas between them, blanks around them ignored; empty ones do not count. */
export function listOf<T>(item: Kind<T>, form: string): Kind<readonly T[]> {
  return {
    form,
    parse: (text) => {
      const values: T[] = []
      for (const each of text.split(',').map((one) => one.trim())) {
        if (each === '') continue
        const read = item.parse(each)
        if (!read.ok) return refused(`holds ${JSON.stringify(each)}, which ${read.reason}`)
        values.push(read.value)
      }
      return parsed(values)
    },
  }
}

/** What of such a list can be read. */
export function readableItems<T>(item: Kind<T>, text: string): readonly T[] {
  return text.split(',').flatMap((each) => {
    const read = each.trim() === '' ? undefined : item.parse(each.trim())
    return read?.ok === true ? [read.value] : []
  })
}

/** Words with blanks between them, each of which is one of some. */
export function wordsOf<const Word extends string>(...words: readonly Word[]): Kind<readonly Word[]> {
  return {
    form: `some of ${words.join(', ')}, with blanks between them`,
    parse: (text) => {
      const found = text.split(/\s+/).map((one) => words.find((word) => word === one))
      const known = found.flatMap((one) => one ?? [])
      return known.length === found.length
        ? parsed([...new Set(known)])
        : refused(`holds a word that is none of ${words.join(', ')}`)
    },
  }
}

export const ipAddress: Kind<string> = {
  form: 'IP address',
  parse: (text) => {
    const isV4 = ipaddr.IPv4.isValidFourPartDecimal(text)
    const isV6 = /^[\da-fA-F:.]+$/.test(text) && text.includes(':') && ipaddr.IPv6.isValid(text)
    return isV4 || isV6 ? parsed(text) : refused('is no IP address')
  },
}

/** Larger ones than NGINX has for anything are a slip of the pen, and memory that each connection may take. */
const bufferSize = sizeUpTo(1024 ** 2, 1024)

/** `4 8k`: how many, and of which size. */
export const buffers: Kind<Buffers> = {
  form: 'number and size, such as 4 8k',
  parse: (text) => {
    const [count = '', bytes = '', ...more] = text.split(/\s+/)
    const [number, whole] = [int({ from: 1, to: 1024 }).parse(count), bufferSize.parse(bytes)]
    if (!number.ok || !whole.ok || more.length > 0)
      return refused('is not a number and a size from 1k to 1m, such as 4 8k')
    return parsed({ count: number.value, bytes: whole.value })
  },
}

const address: Kind<string> = {
  form: 'address or CIDR range',
  parse: (text) => (cidrList.parse(text).ok ? parsed(text) : refused('is no IP address or CIDR range')),
}

/** Addresses and CIDR ranges, as written; there may be none. */
export const addressList: Kind<readonly string[]> = listOf(address, cidrList.form)

/** What of such a list can be read. */
export function readableAddresses(text: string): readonly string[] {
  return readableItems(address, text)
}

/** A MIME type, or `*`. */
export const mimeTypes: Kind<readonly string[]> = {
  form: 'MIME types, with blanks between them, or *',
  parse: (text) => {
    const types = text.split(/\s+/)
    const wrong = types.find((type) => type !== '*' && !/^[\w.+-]+\/[\w.+-]+$/.test(type))
    return wrong === undefined ? parsed(types) : refused(`holds ${JSON.stringify(wrong)}, which is no MIME type`)
  },
}
