/** The words that a masked text may show. */
export interface Vocabulary {
  /** Letters, digits and `_`, in any case. */
  hasWord(word: string): boolean
  /** A whole name of an object, a host or a file, as it is written. */
  hasName(name: string): boolean
}

/**
 * What is known not to be secret: the words that programs say themselves, and the names of objects. Everything else in a text
 * may be what a client or a user wrote, and so a token or a password.
 *
 * @param texts of programs: their code, or the strings in them
 * @param names of objects and hosts; their parts are words
 */
export function createVocabulary(texts: Iterable<string>, names: Iterable<string>): Vocabulary {
  const words = new Set<string>()
  const whole = new Set(names)
  for (const text of texts) for (const word of wordsIn(text)) words.add(word.toLowerCase())
  for (const name of whole) for (const word of name.match(/\w+/g) ?? []) words.add(word.toLowerCase())
  return { hasWord: (word) => words.has(word.toLowerCase()), hasName: (name) => whole.has(name) }
}

/** The words of a text, as they stand there. */
export function wordsIn(text: string): readonly string[] {
  return text.match(OWN_WORDS) ?? []
}

/** Words of a language, or identifiers of one; nothing as long as a token. */
const OWN_WORDS = /[A-Za-z][A-Za-z_]{0,23}(?![A-Za-z_])/g

/**
 * The sentences in the bytes of a program (latin1): printable text of some length with a blank in it, which code hardly
 * ever is.
 */
export function sentencesIn(bytes: string): readonly string[] {
  return (bytes.match(/[\x20-\x7e]{10,}/g) ?? []).filter((text) => text.includes(' '))
}
