// The data path that the double of the cloud does not have: a load balancer for TCP. For each connection it asks the double
// which backends stand behind the listener of that address and port, takes one by weight, and carries bytes to that machine
// and port. Without a running listener, or without a backend, the connection is reset.
//
//   node load-balancer-forwarder.mjs URL-OF-STATE '{"i-1": "10.244.0.1"}' ADDRESS...
//
// The second word says where the machines of the cloud are. Prints "ready"; ends with its standard input.
import { connect, createServer } from 'node:net'

const [stateUrl, machinesText, ...addresses] = process.argv.slice(2)
const machines = JSON.parse(machinesText)
const PORTS = [80, 443]

/** Backends of both kinds of load balancer: {ServerId, Port, Weight}. */
function backendsOf({ clb, nlb }, address, port) {
  for (const { Address, listeners, groups } of clb) {
    if (Address !== address) continue
    const listener = listeners.find((one) => one.port === port && one.status === 'running')
    return groups.find(({ id }) => id === listener?.settings.VServerGroupId)?.servers ?? []
  }
  for (const { zones, status, listeners, serverGroups } of nlb) {
    if (!zones.some(({ PrivateIPv4Address }) => PrivateIPv4Address === address) || status !== 'Active') continue
    const listener = listeners.find((one) => Number(one.ListenerPort) === port && one.status === 'Running')
    return serverGroups.find(({ id }) => id === listener?.ServerGroupId)?.servers ?? []
  }
  return []
}

function chooseByWeight(backends) {
  const usable = backends.filter(({ Weight }) => Number(Weight) > 0)
  let left = Math.random() * usable.reduce((sum, { Weight }) => sum + Number(Weight), 0)
  return usable.find(({ Weight }) => (left -= Number(Weight)) < 0)
}

async function carry(client, address, port) {
  const answer = await fetch(stateUrl, { method: 'POST', body: '{}' })
  const backend = chooseByWeight(backendsOf(await answer.json(), address, port))
  const host = machines[backend?.ServerId]
  if (host === undefined) return client.resetAndDestroy()
  const server = connect({ host, port: Number(backend.Port) })
  for (const [from, to] of [
    [client, server],
    [server, client],
  ]) {
    from.on('error', () => to.destroy())
    from.pipe(to)
  }
}

await Promise.all(
  addresses.flatMap((address) =>
    PORTS.map((port) => {
      const server = createServer({ pauseOnConnect: true }, (client) => {
        client.on('error', () => undefined)
        carry(client, address, port).catch(() => client.resetAndDestroy())
      })
      return new Promise((resolve) => server.listen(port, address, resolve))
    }),
  ),
)
process.stdin.resume()
process.stdin.on('end', () => process.exit(0))
console.log('ready')
