import { createServer, type AddressInfo } from 'node:net'

/** Ports that were free a moment ago. */
export async function findFreePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer())
  await Promise.all(servers.map((server) => new Promise<void>((next) => server.listen(0, '127.0.0.1', next))))
  const ports = servers.map((server) => (server.address() as AddressInfo).port) // they listen on TCP
  await Promise.all(servers.map((server) => new Promise((next) => server.close(next))))
  return ports
}
