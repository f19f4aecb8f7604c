// Records what the official client library sends and signs, as vectors for the signer (src/loadbalancer/alibaba/sign.ts).
// Run once, by hand, in a folder that has it; the library is no dependency of this project:
//   npm i @alicloud/openapi-client@0.4.15 && NODE_PATH=node_modules node record.cjs > vectors.json
const { createServer } = require('node:http')
const openApi = require('@alicloud/openapi-client')
const tea = require('@alicloud/tea-util')

const Client = openApi.default
const { Config, OpenApiRequest, Params } = openApi
const recorded = []

const server = createServer((request, response) => {
  const chunks = []
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', () => {
    const { method, url, headers } = request
    recorded.push({ method, url, headers, body: Buffer.concat(chunks).toString('utf8') })
    response.setHeader('content-type', 'application/json')
    response.end('{"RequestId":"1"}')
  })
})

const calls = [
  { action: 'DescribeLoadBalancers', version: '2014-05-15', query: { RegionId: 'cn-hangzhou', PageNumber: '1' } },
  {
    action: 'CreateVServerGroup',
    version: '2014-05-15',
    query: {
      RegionId: 'cn-hangzhou',
      VServerGroupName: "k8s/80/it's (a) *name*! ~x",
      BackendServers: '[{"ServerId":"i-1","Weight":100,"Port":30080}]',
    },
  },
  {
    action: 'SetLoadBalancerName',
    version: '2014-05-15',
    query: { LoadBalancerName: 'größe 負荷 +&=%/?#', Empty: '' },
  },
  {
    action: 'CreateListener',
    version: '2022-04-30',
    body: {
      ListenerProtocol: 'TCP',
      ListenerPort: '443',
      'CertificateIds.1': 'a',
      'CertificateIds.10': 'b',
      'CertificateIds.2': 'c',
      ListenerDescription: "k8s.443.TCP.(x)'y!*~ z+",
    },
  },
  { action: 'GetJobStatus', version: '2022-04-30', body: { JobId: '1' }, token: 'a/token+with=signs' },
]

server.listen(0, '127.0.0.1', async () => {
  for (const { action, version, query, body, token } of calls) {
    const client = new Client(
      new Config({
        accessKeyId: 'testid',
        accessKeySecret: 'testsecret',
        ...(token ? { securityToken: token } : {}),
        endpoint: `127.0.0.1:${server.address().port}`,
        protocol: 'http',
      }),
    )
    const params = new Params({
      action,
      version,
      protocol: 'HTTP',
      pathname: '/',
      method: 'POST',
      authType: 'AK',
      style: 'RPC',
      reqBodyType: body ? 'formData' : 'json',
      bodyType: 'json',
    })
    await client.callApi(params, new OpenApiRequest({ query, body }), new tea.RuntimeOptions({}))
  }
  server.close()
  const kept = ({ headers }) =>
    Object.fromEntries(
      Object.entries(headers).filter(([name]) => /^(host|content-type|authorization|x-acs-.*)$/.test(name)),
    )
  const vectors = recorded.map((one, index) => ({ ...one, headers: kept(one), sent: calls[index] }))
  process.stdout.write(`${JSON.stringify(vectors, undefined, 2)}\n`)
})
