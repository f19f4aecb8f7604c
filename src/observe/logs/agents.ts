import Bowser from 'bowser'
import { ownCopy } from './record.js'

/** What a User-Agent header says of who asks. */
export interface Agent {
  readonly browser: string
  readonly os: string
  readonly device: 'mobile' | 'tablet' | 'desktop' | 'other'
}

const NOBODY: Agent = { browser: 'none', os: 'none', device: 'other' }
const OTHER_AGENT: Agent = { browser: 'other', os: 'other', device: 'other' }

/** What is behind it says nothing that is not said before; expressions take their time on long texts. */
const LONGEST = 512
const KEPT = 20_000

/**
 * Reads User-Agent headers. What was read is kept; of texts never seen before only so many are read in an interval
 * (`begin`), since a client may send another one with every request: the rest is "other".
 */
export function createAgentReader(newOnesPerInterval = 2_000): { begin(): void; read(header: string): Agent } {
  let known = new Map<string, Agent>()
  let older = new Map<string, Agent>()
  let left = newOnesPerInterval

  function keep(header: string, agent: Agent): Agent {
    if (known.size >= KEPT / 2) {
      older = known
      known = new Map()
    }
    known.set(header, agent)
    return agent
  }

  return {
    begin: () => void (left = newOnesPerInterval),
    read(header) {
      if (header === '') return NOBODY
      const seen = known.get(header)
      if (seen !== undefined) return seen
      const before = older.get(header)
      if (before !== undefined) return keep(ownCopy(header), before)
      if (left <= 0) return OTHER_AGENT
      left--
      const own = ownCopy(header.slice(0, LONGEST))
      return keep(header.length > LONGEST ? ownCopy(header) : own, readAgent(own))
    },
  }
}

function readAgent(header: string): Agent {
  const found = Bowser.parse(header)
  const { type } = found.platform
  return {
    browser: found.browser.name ?? firstProduct(header),
    os: found.os.name ?? 'other',
    device: type === 'mobile' || type === 'tablet' || type === 'desktop' ? type : 'other',
  }
}

/** `curl/8.5.0`, `Go-http-client/2.0`: programs that are no browsers name themselves first. */
function firstProduct(header: string): string {
  const [, name] = /^([A-Za-z][\w.-]{0,30})(?:\/|$)/.exec(header) ?? []
  return name === undefined || name === 'Mozilla' ? 'other' : name
}
