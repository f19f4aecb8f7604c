/** A form that values of annotations can have. */
export interface Kind<T> {
  /** What is allowed, for the reference and for messages: `one of on, off`. */
  readonly form: string
  /** undefined: the text is not of this form. */
  readonly parse: (text: string) => T | undefined
}

export function word<const Word extends string>(...words: readonly Word[]): Kind<Word> {
  return { form: `one of ${words.join(', ')}`, parse: (text) => words.find((one) => one === text) }
}

export const onOff = word('on', 'off')

export function whole(from: number, to: number, unit = ''): Kind<number> {
  return {
    form: `a whole number from ${from} to ${to}${unit === '' ? '' : ` (${unit})`}`,
    parse: (text) => {
      const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
      return value >= from && value <= to ? value : undefined
    },
  }
}

/** Text of one line that matches whole; what it is goes into the form. */
export function textLike(form: string, pattern: RegExp): Kind<string> {
  return { form, parse: (text) => (pattern.test(text) ? text : undefined) }
}

export const anyText: Kind<string> = textLike('any text', /^.*$/s)
export const id = textLike('an id (letters, digits, - and _)', /^[A-Za-z0-9_-]{1,128}$/)
export const ipAddress = textLike('an IPv4 address', /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/)
export const uriPath = textLike(
  'a path that begins with /, at most 80 characters',
  /^\/[A-Za-z0-9\-/.%?#&=_;~!()*[\]@$^:',+]{0,79}$/,
)
export const hostName = textLike(
  'a host name',
  /^(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$/,
)

/** Items with commas between them, at least one and none twice; `form` is that of the list. */
export function list<T>(form: string, parseItem: (item: string) => T | undefined, most = 100): Kind<readonly T[]> {
  return {
    form,
    parse: (text) => {
      const items = text.split(',').map((item) => item.trim())
      if (items.length > most || new Set(items).size !== items.length) return undefined
      const values = items.map(parseItem)
      return values.every((value) => value !== undefined) ? values : undefined
    },
  }
}

export const ids = list('ids with commas between them', id.parse)

/** `k=v,k2=v2` with keys and values as tags and labels have them. */
export const pairs: Kind<readonly (readonly [string, string])[]> = list(
  'pairs key=value with commas between them',
  (item) => {
    const match = /^([^=\s]{1,128})=([^=]{0,128})$/.exec(item)
    const [, key = '', value = ''] = match ?? []
    return match === null || /^(aliyun|acs:)/i.test(key) ? undefined : ([key, value] as const)
  },
)

export function port(text: string): number | undefined {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : 0
  return value >= 1 && value <= 65_535 ? value : undefined
}
