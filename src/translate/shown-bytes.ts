/** One well-formed character of UTF-8 beyond ASCII (Unicode, table 3-7), or one byte that is in none. */
const PIECE =
  /[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}|[\x80-\xff]/g

/** Bytes, one character each as shared code has them, as people read them: UTF-8, and `\xHH` for what is none. */
export function shownBytes(bytes: string): string {
  return bytes.replaceAll(PIECE, (piece) =>
    piece.length > 1 ? Buffer.from(piece, 'latin1').toString('utf8') : `\\x${piece.charCodeAt(0).toString(16)}`,
  )
}
