// measure.mjs SAMPLES API CA TOKEN POD..: for new Ingresses of the Service `shop`, and for endpoints that take the place of others,
// how many milliseconds from the request to the API server until every one of the controller's pods answers by it. As JSON.
import { readFileSync } from 'node:fs'
import http from 'node:http'
import https from 'node:https'

const [samples, api, caFile, tokenFile, ...controllers] = process.argv.slice(2)
const ca = readFileSync(caFile)
const token = readFileSync(tokenFile, 'utf8').trim()
const toApi = new https.Agent({ keepAlive: true })
const toPods = new http.Agent({ keepAlive: true })
const PATIENCE_MILLISECONDS = 30_000

function answerOf(request, body) {
  return new Promise((resolve, reject) => {
    request.on('error', reject)
    request.on('response', (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (part) => (text += part))
      response.on('end', () => resolve({ status: response.statusCode, pod: response.headers['x-pod'], text }))
    })
    request.end(body)
  })
}

async function call(method, path, object, type = 'application/json') {
  const headers = { authorization: `Bearer ${token}`, 'content-type': type }
  const request = https.request(new URL(path, api), { method, headers, ca, agent: toApi })
  const { status, text } = await answerOf(request, object === undefined ? undefined : JSON.stringify(object))
  if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text}`)
  return JSON.parse(text)
}

const ask = (address, host) => answerOf(http.request({ host: address, headers: { host }, agent: toPods }))

/** Milliseconds of `act` and until each pod of the controller answers so. */
async function measure(host, act, isNew) {
  const began = performance.now()
  await act()
  for (const controller of controllers) {
    while (!isNew(await ask(controller, host))) {
      if (performance.now() - began > PATIENCE_MILLISECONDS) throw new Error(`${controller} does not follow`)
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }
  return performance.now() - began
}

const ingresses = '/apis/networking.k8s.io/v1/namespaces/default/ingresses'
const slices = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices'

function ingress(name, service) {
  const backend = { service: { name: service, port: { number: 80 } } }
  const rule = { host: `${name}.test`, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }
  const metadata = { name }
  const spec = { ingressClassName: 'nginx', rules: [rule] }
  return { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata, spec }
}

async function ofIngresses() {
  const found = []
  for (let number = 0; number < Number(samples); number += 1) {
    const name = `new-${number}`
    const create = () => call('POST', ingresses, ingress(name, 'shop'))
    found.push(await measure(`${name}.test`, create, ({ status }) => status === 200))
  }
  return found
}

/** A Service without selector, whose one endpoint is now this pod of `shop`, now that one. */
async function ofEndpoints() {
  const pods = (await call('GET', '/api/v1/namespaces/default/pods?labelSelector=app=shop')).items
  const metadata = { name: 'moves' }
  await call('POST', '/api/v1/namespaces/default/services', {
    metadata,
    spec: { ports: [{ port: 80, targetPort: 8080 }] },
  })
  const of = (pod) => [{ addresses: [pod.status.podIP], conditions: { ready: true } }]
  await call('POST', slices, {
    metadata: { name: 'moves-1', labels: { 'kubernetes.io/service-name': 'moves' } },
    addressType: 'IPv4',
    ports: [{ port: 8080, protocol: 'TCP' }],
    endpoints: of(pods[0]),
  })
  const first = ({ pod }) => pod === pods[0].metadata.name
  await measure('moves.test', () => call('POST', ingresses, ingress('moves', 'moves')), first)
  const found = []
  for (let number = 1; number <= Number(samples); number += 1) {
    const next = pods[number % 2]
    const change = { endpoints: of(next) }
    const move = () => call('PATCH', `${slices}/moves-1`, change, 'application/merge-patch+json')
    found.push(await measure('moves.test', move, ({ pod }) => pod === next.metadata.name))
  }
  return found
}

process.stdout.write(JSON.stringify({ ingresses: await ofIngresses(), endpoints: await ofEndpoints() }))
process.exit(0)
