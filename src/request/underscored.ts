import { byteAt, slice } from '#bytes'

const HYPHEN = 45

/** The other spelling of a header's name: scripts cannot tell the two apart (RFC 3875, 4.1.18). */
export function underscored(name: string): string {
  let text = ''
  for (let i = 0; i < name.length; i++) text += byteAt(name, i) === HYPHEN ? '_' : slice(name, i, i + 1)
  return text
}
