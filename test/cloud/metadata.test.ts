import { afterAll, beforeAll, expect, test } from 'vitest'
import { completeLoadBalancerFlags, type LoadBalancerFlags, withProvider } from '../../src/cli/loadbalancer-flags.js'
import { systemClock } from '../../src/kubernetes/clock.js'
import { createFakeCluster } from '../loadbalancer/fake-cluster.js'
import { type Double, startDouble } from './start.js'

let double: Double

beforeAll(async () => {
  double = await startDouble()
})
afterAll(() => double.stop())

const flags: LoadBalancerFlags = {
  loadbalancer: 'alibaba',
  loadbalancerAddressesConfigmap: '',
  alibabaRegion: '',
  alibabaClusterId: 'c1',
  alibabaVpcId: '',
  alibabaVswitchId: '',
  alibabaBackends: 'ecs',
  alibabaNetwork: 'internet',
  alibabaKeyFolder: '',
}

const at = (url: URL): Record<string, string> => ({ ALIBABA_CLOUD_METADATA_ENDPOINT: url.origin })

test('region, VPC and VSwitch are those of the machine, where no flag says otherwise', async () => {
  const completed = await completeLoadBalancerFlags(flags, at(double.url))
  expect(completed).toEqual({
    ...flags,
    alibabaRegion: 'cn-hangzhou',
    alibabaVpcId: 'vpc-1',
    alibabaVswitchId: 'vsw-1',
  })
  const parts = { client: createFakeCluster().client, clock: systemClock, log: () => undefined }
  expect(withProvider(completed, parts, ({ name }) => name)).toBe('alibaba')
  const given = { ...flags, alibabaRegion: 'r', alibabaVpcId: 'v', alibabaVswitchId: 'a,b' }
  expect(await completeLoadBalancerFlags(given, at(double.url))).toEqual(given)
})

test('where the service does not say it, the message names the flag and the answer', async () => {
  const region = { ...flags, alibabaVpcId: 'vpc-1' }
  await expect(completeLoadBalancerFlags(region, at(new URL('http://127.0.0.1:1')))).rejects.toThrow(
    /needs --alibaba-region: it is not given, and the metadata service .*127\.0\.0\.1:1.* does not know it either: .*ECONNREFUSED/,
  )
  await double.metadata({ 'vpc-id': '', 'vswitch-id': '' })
  await expect(completeLoadBalancerFlags(flags, at(double.url))).rejects.toThrow(
    /needs --alibaba-vpc-id: .*answers 404 for \/latest\/meta-data\/vpc-id/,
  )
  // Only an intranet CLB that names none needs it, and says so then.
  const vpc = { ...flags, alibabaVpcId: 'vpc-1' }
  expect(await completeLoadBalancerFlags(vpc, at(double.url))).toMatchObject({ alibabaVswitchId: '' })
})

test.each([
  ['a region', { alibabaRegion: 'cn hangzhou' }, '--alibaba-region'],
  ['no cluster id', { alibabaClusterId: '' }, '--alibaba-cluster-id'],
  [
    'one of several VSwitches',
    { alibabaRegion: 'r', alibabaVpcId: 'v', alibabaVswitchId: 'a,' },
    '--alibaba-vswitch-id',
  ],
])('what cannot be is refused: %s', (_, wrong, name) => {
  const parts = { client: createFakeCluster().client, clock: systemClock, log: () => undefined }
  expect(() => withProvider({ ...flags, ...wrong }, parts, () => true)).toThrow(name)
})
