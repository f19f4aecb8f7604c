/** Makes a database of places in MaxMind's format, for IPv4. Source: MaxMind DB File Format Specification 2.0. */
export function makeDatabase(networks: readonly { readonly network: string; readonly data: Value }[]): Buffer {
  const tree: (number | undefined)[][] = [[undefined, undefined]]
  const section: Buffer[] = []
  let sectionBytes = 0
  const leaves: { readonly node: number; readonly bit: number; readonly offset: number }[] = []
  for (const { network, data } of networks) {
    const [address = '', length = '32'] = network.split('/')
    const bits = address.split('.').flatMap((part) => Number(part).toString(2).padStart(8, '0').split('').map(Number))
    let node = 0
    for (const bit of bits.slice(0, Number(length) - 1)) {
      const next = tree[node]?.[bit] ?? tree.push([undefined, undefined]) - 1
      const sides = tree[node]
      if (sides !== undefined) sides[bit] = next
      node = next
    }
    leaves.push({ node, bit: bits[Number(length) - 1] ?? 0, offset: sectionBytes })
    const encoded = encode(data)
    section.push(encoded)
    sectionBytes += encoded.length
  }
  for (const { node, bit, offset } of leaves) {
    const sides = tree[node]
    if (sides !== undefined) sides[bit] = tree.length + 16 + offset
  }
  const nodes = Buffer.alloc(tree.length * 8)
  for (const [index, sides] of tree.entries())
    for (const [side, to] of sides.entries()) nodes.writeUInt32BE(to ?? tree.length, index * 8 + side * 4)
  const metadata = encode({
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 1_795_000_000,
    database_type: 'Test-City',
    description: { en: 'made by a test' },
    ip_version: 4,
    languages: ['en'],
    node_count: tree.length,
    record_size: 32,
  })
  return Buffer.concat([nodes, Buffer.alloc(16), ...section, MARKER, metadata])
}

export type Value = string | number | readonly Value[] | { readonly [key: string]: Value }

const MARKER = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1')
const TEXT = 2
const UINT32 = 6
const MAP = 7
const LIST = 11

function encode(value: Value): Buffer {
  if (typeof value === 'string') return Buffer.concat([control(TEXT, Buffer.byteLength(value)), Buffer.from(value)])
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(value)
    return Buffer.concat([control(UINT32, 4), bytes])
  }
  if (isList(value)) return Buffer.concat([control(LIST, value.length), ...value.map(encode)])
  const pairs = Object.entries(value)
  return Buffer.concat([control(MAP, pairs.length), ...pairs.flatMap(([key, each]) => [encode(key), encode(each)])])
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value)
}

/** Sizes from 29 on have a byte more; kinds from 8 on stand in a byte of their own, behind the first. */
function control(kind: number, size: number): Buffer {
  const low = Math.min(size, 29)
  const first = kind < 8 ? [(kind << 5) | low] : [low, kind - 7]
  return Buffer.from(size < 29 ? first : [...first, size - 29])
}
