import { createUDPServer, Packet } from 'dns2'
import { once } from 'node:events'

type RecordType = 'A' | 'AAAA' | 'CNAME'

export interface NameRecord {
  readonly type: RecordType
  readonly value: string
  readonly ttlSeconds: number
}

/** A DNS server on a port of loopback. Names that it has no record of at all do not exist (NXDOMAIN). */
export interface NameServer {
  /** `address:port`. */
  readonly address: string
  /** The questions so far, as `name TYPE`. */
  readonly asked: string[]
  set(name: string, ...records: readonly NameRecord[]): void
  remove(name: string): void
  /** It answers no more; its port is free. */
  stop(): Promise<void>
  /** On the same port again. */
  restart(): Promise<void>
}

const NAME_ERROR = 3
const IN = Packet.CLASS.IN

export async function startNameServer(): Promise<NameServer> {
  const zone = new Map<string, readonly NameRecord[]>()
  const asked: string[] = []
  let server: ReturnType<typeof createUDPServer> | undefined

  async function listen(port: number): Promise<number> {
    const started = createUDPServer((request, send) => void send(answer(request)))
    server = started
    await started.listen(port, '127.0.0.1')
    return started.address().port
  }

  function answer(request: Packet): Packet {
    const response = Packet.createResponseFromRequest(request)
    const [question] = request.questions
    if (question === undefined) return response
    const type = typeName(question.type)
    // Resolvers may write a name in mixed case, so that an answer is hard to forge.
    const name = question.name.toLowerCase()
    asked.push(`${name} ${type}`)
    if (!zone.has(name)) response.header.rcode = NAME_ERROR
    response.answers.push(...recordsOf(name, type))
    return response
  }

  function recordsOf(name: string, type: string): Packet['answers'] {
    return (zone.get(name) ?? []).flatMap((record) => {
      const base = { name, type: Packet.TYPE[record.type], class: IN, ttl: record.ttlSeconds }
      if (record.type === 'CNAME')
        return [new Packet.Resource({ ...base, domain: record.value }), ...recordsOf(record.value, type)]
      return record.type === type ? [new Packet.Resource({ ...base, address: record.value })] : []
    })
  }

  const port = await listen(0)
  return {
    address: `127.0.0.1:${port}`,
    asked,
    set: (name, ...records) => void zone.set(name, records),
    remove: (name) => void zone.delete(name),
    async stop() {
      if (server === undefined) return
      const closed = once(server, 'close')
      server.close()
      server = undefined
      await closed
    },
    async restart() {
      await listen(port)
    },
  }
}

function typeName(type: number): string {
  return Object.entries(Packet.TYPE).find(([, value]) => value === type)?.[0] ?? String(type)
}
