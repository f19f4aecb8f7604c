import { describe, expect, it } from 'vitest'
import { nextHold, type Hold, type HoldInput } from './hold.js'

const base: HoldInput = {
  isLeader: false,
  holder: 'me',
  identity: 'me',
  conflict: false,
  now: 10_000,
  gap: 250,
  ttl: 2_000,
}
const no: Hold = { kind: 'no' }
const led: Hold = { kind: 'led', announcements: 1, since: 9_000 }
const over: Hold = { kind: 'over', announcements: 1 }

describe('who answers for an address', () => {
  it.each<[string, Hold, Partial<HoldInput>, Hold['kind']]>([
    ['who never had the Lease does not', no, {}, 'no'],
    ['who has it does', no, { isLeader: true }, 'led'],
    ['who cannot renew it goes on', led, {}, 'over'],
    ['and on, when nobody has it', over, { holder: '' }, 'over'],
    ['not when another has the Lease', led, { holder: 'another' }, 'no'],
    ['not when another answers (RFC 5227)', over, { conflict: true }, 'no'],
    ['not after it was stopped itself', led, { gap: 5_000 }, 'no'],
    ['unless it leads all the same', led, { gap: 5_000, isLeader: true }, 'led'],
    ['who leads defends the address', led, { conflict: true, isLeader: true }, 'led'],
    ['who withdrew begins again with the Lease only', no, { holder: 'me' }, 'no'],
  ])('%s', (_fact, before, input, kind) => {
    expect(nextHold(before, { ...base, ...input }).kind).toBe(kind)
  })

  it('announces at once, and twice more', () => {
    let hold = nextHold(no, { ...base, isLeader: true })
    const sent = [0, 500, 1_000, 2_000, 3_000, 60_000].map((after) => {
      hold = nextHold(hold, { ...base, isLeader: true, now: base.now + after })
      return hold.kind === 'led' ? hold.announcements : 0
    })
    expect(sent).toEqual([1, 1, 2, 2, 3, 3])
  })
})
