import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Clb } from './clb.js'
import { type Fault, Faults, refusalOf } from './faults.js'
import { Nlb } from './nlb.js'
import { Parameters } from './parameters.js'
import { Refusal } from './refusal.js'
import { SecurityGroups } from './security-groups.js'
import { answerSts, type Identities } from './identities.js'
import { type KnownKey, verify } from './verify.js'
import { type ByHand, type Delays, World } from './world.js'

/**
 * A double of Alibaba Cloud: CLB, NLB, and the little of ECS, VPC, STS and the metadata service that is asked. A
 * process of its own, that speaks the real protocol on a free port of 127.0.0.1 and prints it. Paths below `/_double/`
 * are for tests: faults, delays, what a user does by hand, the calls that came, and the ledger.
 */
let world = new World()
let clb = new Clb(world)
let nlb = new Nlb(world)
let securityGroups = new SecurityGroups(world, (id) => nlb.isIn(id))
const faults = new Faults()
const nonces = new Set<string>()
let calls: {
  readonly action: string
  readonly version: string
  readonly signedAt: string
  readonly parameters: object
  readonly result: string
}[] = []
/** What the metadata service says of the machine. */
let machine: Record<string, string> = { 'region-id': 'cn-hangzhou', 'vpc-id': 'vpc-1', 'vswitch-id': 'vsw-1' }
const identities: Identities = { keys: { testid: { secret: 'testsecret' } }, role: '', oidcToken: '' }

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => receive(request, Buffer.concat(chunks), response))
})
server.keepAliveTimeout = 60_000
server.listen(Number(process.env['PORT'] ?? 0), process.env['HOST'] ?? '127.0.0.1', () => {
  const address = server.address()
  process.stdout.write(`${JSON.stringify({ port: typeof address === 'object' ? address?.port : 0 })}\n`)
})
// Whoever started it holds the other end; it does not outlive them.
process.stdin.resume()
process.stdin.on('end', () => process.exit(0))

function receive(request: IncomingMessage, body: Buffer, response: ServerResponse): void {
  const url = request.url ?? '/'
  if (url.startsWith('/_double/')) return send(response, 200, command(url.slice('/_double/'.length), body))
  if (url.startsWith('/latest/')) return metadata(url, request, response)
  const action = String(request.headers['x-acs-action'] ?? '')
  const version = String(request.headers['x-acs-version'] ?? '')
  const signedAt = String(request.headers['x-acs-date'] ?? '')
  const question = url.indexOf('?')
  const parameters = Parameters.read(question < 0 ? '' : url.slice(question + 1), body.toString('utf8'))
  const note = (result: string): void => {
    calls.push({ action, version, signedAt, parameters: parameters.all(), result })
  }
  const fault = faults.meet(action)
  try {
    if (version !== '2015-04-01' || action !== 'AssumeRoleWithOIDC')
      verify(
        { method: request.method ?? '', url, headers: request.headers, body },
        identities.keys,
        nonces,
        world.now(),
      )
    if (fault !== undefined && fault.when !== 'after') return fail(fault, response, note)
    world.settle()
    const answer = perform(version, action, parameters)
    if (fault !== undefined) return fail(fault, response, note)
    note('ok')
    send(response, 200, { RequestId: world.id('request'), ...answer })
  } catch (cause) {
    if (!(cause instanceof Refusal)) throw cause
    note(cause.code)
    refuse(response, cause)
  }
}

function perform(version: string, action: string, parameters: Parameters): object {
  switch (version) {
    case '2014-05-15':
      return clb.perform(action, parameters)
    case '2022-04-30':
      return nlb.perform(action, parameters)
    case '2016-04-28':
      if (action === 'DescribeEipAddresses') return clb.eipsOf(parameters.text('AssociatedInstanceId'))
      break
    case '2014-05-26':
      if (action === 'DescribeNetworkInterfaces')
        return interfacesOf(parameters.list('PrivateIpAddress'), parameters.list('Ipv6Address'))
      return securityGroups.perform(action, parameters)
    case '2015-04-01':
      return answerSts(identities, action, parameters, world)
  }
  throw new Refusal(404, 'InvalidAction.NotFound', `Specified api is not found: ${action} ${version}.`)
}

/** Every address of a pod has an interface whose id tells the address, but for those in 10.9. */
function interfacesOf(addresses: readonly string[], ofIpv6: readonly string[]): object {
  const known = addresses.filter((address) => !address.startsWith('10.9.'))
  const found = known.map((PrivateIpAddress) => ({
    NetworkInterfaceId: `eni-${PrivateIpAddress.replaceAll('.', '-')}`,
    PrivateIpSets: { PrivateIpSet: [{ PrivateIpAddress }] },
  }))
  const sixes = ofIpv6.map((address) => ({
    NetworkInterfaceId: `eni-${address.replaceAll(':', '-')}`,
    Ipv6Sets: { Ipv6Set: [{ Ipv6Address: address.toUpperCase() }] },
  }))
  return { NetworkInterfaceSets: { NetworkInterfaceSet: [...found, ...sixes] } }
}

function fail(fault: Fault, response: ServerResponse, note: (result: string) => void): void {
  note(typeof fault.how === 'string' ? fault.how : fault.how.code)
  if (fault.how === 'reset') response.destroy()
  else if (fault.how !== 'silence') refuse(response, refusalOf(fault.how))
}

function refuse(response: ServerResponse, { status, code, message }: Refusal): void {
  send(response, status, { RequestId: world.id('request'), HostId: 'double', Code: code, Message: message })
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}

type Given = ByHand &
  Partial<Delays> & {
    readonly faults?: readonly Fault[]
    readonly milliseconds?: number
    readonly at?: number
    readonly keys?: Readonly<Record<string, KnownKey>>
    readonly role?: string
    readonly oidcToken?: string
    readonly clear?: boolean
    readonly facts?: Readonly<Record<string, string>>
  }

/** What a test asks of the double itself. */
function command(name: string, body: Buffer): object {
  const given = (body.length === 0 ? {} : JSON.parse(body.toString('utf8'))) as Given // from our own tests
  switch (name) {
    case 'reset':
      world = new World()
      clb = new Clb(world)
      nlb = new Nlb(world)
      securityGroups = new SecurityGroups(world, (id) => nlb.isIn(id))
      faults.clear()
      calls = []
      return {}
    case 'faults':
      faults.add(given.faults ?? [])
      return {}
    case 'no-faults':
      faults.clear()
      return {}
    case 'delays':
      world.delays = { ...world.delays, ...given }
      return {}
    case 'clock':
      world.clockOffset = given.milliseconds ?? 0
      world.stoppedAt = given.at
      return {}
    case 'keys':
      identities.keys = given.keys ?? {}
      identities.role = given.role ?? ''
      identities.oidcToken = given.oidcToken ?? ''
      return {}
    case 'metadata':
      machine = { ...machine, ...given.facts }
      return {}
    case 'by-hand':
      world.settle()
      return given.product === 'nlb' ? nlb.byHand(given) : clb.byHand(given)
    case 'calls': {
      const found = calls
      if (given.clear === true) calls = []
      return found
    }
    case 'state':
      world.settle()
      return { clb: clb.state(), nlb: nlb.state(), securityGroups: securityGroups.state() }
    case 'ledger':
      world.settle()
      return world.ledger
    default:
      return { error: `unknown: ${name}` }
  }
}

/** The metadata service of an ECS instance, in hardened mode. */
function metadata(url: string, request: IncomingMessage, response: ServerResponse): void {
  const text = (status: number, body: string): void => void response.writeHead(status).end(body)
  if (request.method === 'PUT') return text(200, 'metadata-token')
  if (request.headers['x-aliyun-ecs-metadata-token'] !== 'metadata-token') return text(403, 'forbidden')
  const name = url.slice('/latest/meta-data/'.length)
  const fact = { ...machine, 'ram/security-credentials/': identities.role }[name]
  if (fact !== undefined && fact !== '') return text(200, fact)
  const entry = Object.entries(identities.keys).find(([, key]) => key.token !== undefined)
  if (identities.role === '' || !url.endsWith(`/${identities.role}`) || entry === undefined)
    return text(404, 'not found')
  const [id, { secret, token, expires }] = entry
  send(response, 200, {
    Code: 'Success',
    AccessKeyId: id,
    AccessKeySecret: secret,
    SecurityToken: token,
    Expiration: new Date(expires ?? world.now() + 3_600_000).toISOString(),
  })
}
