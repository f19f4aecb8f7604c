import { parseDocument } from 'yaml'
import { fieldsOf, listOf } from '../raw-fields.js'
import { overlap, parseRange, type AddressRange } from './ip.js'

/** The pools of a ConfigMap, key `pools.yaml`. */
export interface PoolsConfig {
  /**
   * `layer2`: addresses of the pools, announced by `fairlead announce`. `external`: addresses of the pools, announced by
   * somebody else, such as a BGP speaker. `nodes`: the nodes' own addresses.
   */
  readonly mode: 'layer2' | 'external' | 'nodes'
  readonly pools: readonly Pool[]
  /** With mode `nodes`: ports that no Service gets, because the nodes' own programs listen there. */
  readonly reservedPorts: readonly number[]
}

export interface Pool {
  readonly name: string
  readonly ranges: readonly AddressRange[]
  /** Only for Services of these; empty: of all. */
  readonly namespaces: readonly string[]
  /** false: an address of it is given only to who asks for the pool or for the address. */
  readonly autoAssign: boolean
}

export type ParsedConfig =
  | { readonly ok: true; readonly config: PoolsConfig }
  | { readonly ok: false; readonly message: string }

/** SSH, etcd, the API server, kubelet, kube-proxy, controller manager, scheduler. */
const RESERVED_PORTS = [22, 2379, 2380, 6443, 10250, 10256, 10257, 10259]

/**
 * Reads `pools.yaml`. Anything that is not as it should be refuses the whole: half a list of pools would give away
 * addresses that were meant for others.
 */
export function parseConfig(text: string): ParsedConfig {
  const document = parseDocument(text, { schema: 'core', uniqueKeys: true })
  const [error] = document.errors
  if (error !== undefined) return no(`it is no YAML: ${error.message.split('\n')[0] ?? ''}`)
  const raw: unknown = document.toJS({ maxAliasCount: 0 })
  const root = fieldsOf(raw)
  const unknown = Object.keys(root).find((key) => !['mode', 'pools', 'reservedPorts'].includes(key))
  if (unknown !== undefined)
    return no(`there is no key ${JSON.stringify(unknown)}; there are mode, pools and reservedPorts`)
  const { mode, pools = [], reservedPorts = RESERVED_PORTS } = root
  if (mode !== 'layer2' && mode !== 'external' && mode !== 'nodes')
    return no(`mode is ${show(mode)}; expected layer2, external or nodes`)
  const ports = listOf(reservedPorts)
  if (!Array.isArray(reservedPorts) || !ports.every(isPort))
    return no('reservedPorts is no list of ports from 1 to 65535')
  if (!Array.isArray(pools)) return no('pools is no list')
  const read: Pool[] = []
  for (const [index, item] of listOf(pools).entries()) {
    const pool = parsePool(item, `pools[${index}]`)
    if (typeof pool === 'string') return no(pool)
    const same = read.find(({ name }) => name === pool.name)
    if (same !== undefined) return no(`two pools have the name ${pool.name}`)
    const double = overlapping([...read, pool])
    if (double !== undefined) return no(double)
    read.push(pool)
  }
  if (mode !== 'nodes' && read.length === 0) return no('there is no pool')
  return { ok: true, config: { mode, pools: read, reservedPorts: ports.filter(isPort) } }
}

function parsePool(raw: unknown, field: string): Pool | string {
  const fields = fieldsOf(raw)
  const keys = ['name', 'addresses', 'namespaces', 'autoAssign']
  const unknown = Object.keys(fields).find((key) => !keys.includes(key))
  if (unknown !== undefined) return `${field} has a key ${JSON.stringify(unknown)}; there are ${keys.join(', ')}`
  const { name, addresses, namespaces = [], autoAssign = true } = fields
  if (typeof name !== 'string' || name === '') return `${field} has no name`
  if (!Array.isArray(addresses) || addresses.length === 0) return `${field}.addresses is no list, or an empty one`
  const ranges: AddressRange[] = []
  for (const one of listOf(addresses)) {
    const range = typeof one === 'string' ? parseRange(one) : undefined
    const forms = '192.0.2.10-192.0.2.20, 192.0.2.0/28, 2001:db8::/120 or one address'
    if (range === undefined) return `${field}.addresses has ${show(one)}; expected ${forms}`
    ranges.push(range)
  }
  const names = listOf(namespaces).filter((one) => typeof one === 'string')
  if (!Array.isArray(namespaces) || names.length !== namespaces.length) return `${field}.namespaces is no list of names`
  if (typeof autoAssign !== 'boolean') return `${field}.autoAssign is ${show(autoAssign)}; expected true or false`
  return { name, ranges, namespaces: names, autoAssign }
}

function overlapping(pools: readonly Pool[]): string | undefined {
  const all = pools.flatMap(({ name, ranges }) => ranges.map((range) => ({ name, range })))
  for (const [index, one] of all.entries()) {
    const other = all.slice(index + 1).find(({ range }) => overlap(one.range, range))
    if (other === undefined) continue
    return one.name === other.name
      ? `the pool ${one.name} has addresses twice`
      : `the pools ${one.name} and ${other.name} have addresses in common`
  }
  return undefined
}

function isPort(raw: unknown): raw is number {
  return typeof raw === 'number' && Number.isInteger(raw) && raw >= 1 && raw <= 65_535
}

function show(raw: unknown): string {
  return JSON.stringify(raw)?.slice(0, 60) ?? 'missing'
}

function no(message: string): ParsedConfig {
  return { ok: false, message }
}
