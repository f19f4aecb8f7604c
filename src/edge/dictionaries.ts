/** How much there is and how much is free, in bytes, of each shared dictionary; for the answer to `/v1/status`. */
export function describeDictionaries(): object {
  const found: Record<string, object | undefined> = {}
  const all: Readonly<Record<string, MeasuredDictionary | undefined>> = ngx.shared
  for (const [name, dictionary] of pairs(all)) {
    if (dictionary !== undefined) found[name] = { free: dictionary.free_space(), capacity: dictionary.capacity() }
  }
  return found
}
