import { expect, test } from 'vitest'
import { hostName } from '../../bench/hosts.js'
import { loadCommands, wrkScript } from '../../bench/load-command.js'
import {
  parts,
  ratiosFor,
  variantsFor,
  warmUpOf,
  workloads,
  type Generator,
  type Workload,
} from '../../bench/scenarios.js'

const commands = (generator: Generator, hosts: readonly number[], round = 0) => {
  const workload: Workload = { id: 'x', label: 'x', scheme: 'https', looksAt: 'cpu', compares: 'sizes', generator }
  return loadCommands({
    port: 8443,
    workload,
    hosts,
    seconds: 2,
    round,
    folder: '/tmp/x',
    client: { file: 'c', keyFile: 'k' },
  })
}

test('wrk: each process shakes hands with the name of a host of its share, and asks for all of it', () => {
  const all = commands({ tool: 'wrk', processes: 2, connections: 8, close: true }, [0, 50, 100, 150])
  expect(all).toHaveLength(2)
  expect(all.map(({ args }) => args.at(-1))).toEqual([`https://${hostName(0)}:8443/`, `https://${hostName(50)}:8443/`])
  expect(all[1]?.script?.text).toContain(`local hosts = { "${hostName(50)}", "${hostName(150)}" }`)
  expect(all[1]?.args).toContain(all[1]?.script?.path)
  expect(wrkScript(['a'], true)).toContain('Connection = "close"')
  expect(wrkScript(['a'], false)).not.toContain('close')
  expect(wrkScript(['a'], false, { 'X-A': 'b c' })).toContain('{ Host = host, ["X-A"] = "b c" }')
})

test('clients with a certificate: port, server name, connections, seconds, files', () => {
  const [one] = commands({ tool: 'tls-clients', processes: 1, connections: 8 }, [3, 4], 1)
  expect(one).toMatchObject({ tool: 'tls-clients', args: ['8443', hostName(4), '8', '2', 'c', 'k'] })
})

test('h2load: one host for each process, another one in the next round', () => {
  const generator: Generator = { tool: 'h2load', protocol: 'h2', processes: 2, connections: 2, streams: 4 }
  const names = [0, 1, 2].map((round) => commands(generator, [0, 1, 2, 3], round).map(({ args }) => args.at(-1)))
  expect(names).toEqual([
    [`https://${hostName(0)}/`, `https://${hostName(1)}/`],
    [`https://${hostName(2)}/`, `https://${hostName(3)}/`],
    [`https://${hostName(0)}/`, `https://${hostName(1)}/`],
  ])
  expect(commands(generator, [0])[0]).toMatchObject({ underWay: 8 })
})

test('h2load: the rate is that of all connections of all processes together', () => {
  const generator: Generator = { tool: 'h2load', protocol: 'h1', processes: 4, connections: 8, streams: 1, rate: 4000 }
  const all = commands(generator, [0, 1, 2, 3])
  for (const { args } of all) expect(args[args.indexOf('--rps') + 1]).toBe('125.00')
  expect(new Set(all.map(({ log }) => log)).size).toBe(4)
})

test('h2load: a new connection for each request', () => {
  const [first] = commands({ tool: 'h2load-connections', processes: 4, rate: 1000 }, [0, 1, 2, 3])
  expect(first?.args.join(' ')).toContain('--h1 -n 500 -c 500 -r 5 --rate-period=20ms')
})

test('the warm-up asks the hosts that the round will ask', () => {
  const generator: Generator = { tool: 'h2load-connections', processes: 4, rate: 1000 }
  const warmUp = warmUpOf({ id: 'x', label: 'x', scheme: 'https', looksAt: 'cpu', compares: 'sizes', generator })
  expect(warmUp?.scheme).toBe('http')
  const hosts = [0, 1, 2, 3, 4, 5, 6, 7]
  const asked = (each: Generator): unknown[] =>
    commands(each, hosts, 1).map(({ args }) => args.at(-1)?.replace(/^https?:/, ''))
  expect(asked(warmUp?.generator ?? generator)).toEqual(asked(generator))
  const [first] = commands(warmUp?.generator ?? generator, hosts)
  expect(first?.args.join(' ')).toContain('-c 48 -m 1 -n 480')
  expect(first?.underWay).toBe(0)
})

test('ids are unique, and every ratio names variants that are measured', () => {
  const ids = [...workloads, ...parts].map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
  const variants = variantsFor([1, 1_000, 10_000])
  expect(new Set(variants.map(({ id }) => id)).size).toBe(variants.length)
  const ratios = ratiosFor(variants)
  expect(ratios.filter(({ goal }) => goal !== undefined).map(({ id }) => id)).toEqual([
    'one-host',
    'against-plain-10000',
    'growth-10000',
  ])
})

test('what is not measured has no ratio', () => {
  expect(ratiosFor(variantsFor([1_000])).map(({ id }) => id)).toEqual([
    'noise',
    'against-plain-1000',
    'plain-growth-1000',
  ])
})
