import { addNumber, addText, beginCrc, crc32, endCrc } from './crc32.js'

/** Points of each name: as many as NGINX and ingress-nginx make for a weight of one. */
const POINTS = 160

const RANGE = 4294967296

/**
 * A ketama ring. Point `i` lies at `hashes[i]`, in ascending order, and belongs to the name at `owners[i]` in the list
 * it was made of.
 */
export interface Ring {
  readonly size: number
  readonly hashes: readonly number[]
  readonly owners: readonly number[]
  /** For each of `size` equal parts of the circle: the first point that lies in it or, where none does, in a later one. */
  readonly starts: readonly number[]
}

/**
 * The ring of a list of names, in time proportional to their number. For the same names a key falls to the same one as in
 * ingress-nginx (its `resty.chash` with weights of one; routing.md section 13) and as in NGINX's `hash … consistent`, given
 * their way of writing names: each point is the CRC-32 of the name and the point before it.
 */
export function createRing(names: readonly string[]): Ring {
  const hashes: number[] = []
  const owners: number[] = []
  let size = 0
  for (let owner = 0; owner < names.length; owner++) {
    const begun = addText(beginCrc(), names[owner] ?? '')
    let hash = 0
    for (let i = 0; i < POINTS; i++) {
      hash = endCrc(addNumber(begun, hash))
      hashes[size] = hash
      owners[size] = owner
      size++
    }
  }
  return inOrder(size, hashes, owners)
}

/** Which name a key falls to: the owner of the first point at or after its hash, going round. The ring must not be empty. */
export function findOwner(ring: Ring, key: string): number {
  return findOwnerOf(ring, crc32(key))
}

/** The same for a key whose CRC-32 is known. */
export function findOwnerOf({ size, hashes, owners, starts }: Ring, hash: number): number {
  const point = starts[bucketOf(hash, size)] ?? 0
  // More often than not it is the first or second that is looked at, and then LuaJIT has no loop to get over.
  if (point < size && (hashes[point] ?? 0) >= hash) return owners[point] ?? 0
  if (point + 1 < size && (hashes[point + 1] ?? 0) >= hash) return owners[point + 1] ?? 0
  return owners[findPoint(size, hashes, point, hash)] ?? 0
}

function findPoint(size: number, hashes: readonly number[], from: number, hash: number): number {
  let point = from
  while (point < size && (hashes[point] ?? 0) < hash) point++
  return point === size ? 0 : point
}

/**
 * Hashes are spread evenly, so that putting each into the bucket of its upper bits leaves next to nothing to be sorted.
 * Points of one hash keep the order of their names.
 */
function inOrder(size: number, hashes: readonly number[], owners: readonly number[]): Ring {
  const ends: number[] = []
  for (let bucket = 0; bucket <= size; bucket++) ends[bucket] = 0
  for (let i = 0; i < size; i++) {
    const bucket = bucketOf(hashes[i] ?? 0, size) + 1
    ends[bucket] = (ends[bucket] ?? 0) + 1
  }
  const starts: number[] = [0]
  for (let bucket = 1; bucket <= size; bucket++) {
    ends[bucket] = (ends[bucket] ?? 0) + (ends[bucket - 1] ?? 0)
    starts[bucket] = ends[bucket] ?? 0
  }
  const sorted: number[] = []
  const sortedOwners: number[] = []
  for (let i = 0; i < size; i++) {
    sorted[i] = 0
    sortedOwners[i] = 0
  }
  for (let i = 0; i < size; i++) {
    const hash = hashes[i] ?? 0
    const bucket = bucketOf(hash, size)
    const place = ends[bucket] ?? 0
    ends[bucket] = place + 1
    sorted[place] = hash
    sortedOwners[place] = owners[i] ?? 0
  }
  sortNeighbours(size, sorted, sortedOwners)
  return { size, hashes: sorted, owners: sortedOwners, starts }
}

function bucketOf(hash: number, buckets: number): number {
  return Math.floor((hash / RANGE) * buckets)
}

/** Insertion: cheap where nothing is far from its place. */
function sortNeighbours(size: number, hashes: number[], owners: number[]): void {
  for (let i = 1; i < size; i++) {
    const hash = hashes[i] ?? 0
    const owner = owners[i] ?? 0
    let place = i
    while (place > 0 && (hashes[place - 1] ?? 0) > hash) {
      hashes[place] = hashes[place - 1] ?? 0
      owners[place] = owners[place - 1] ?? 0
      place--
    }
    if (place !== i) {
      hashes[place] = hash
      owners[place] = owner
    }
  }
}
