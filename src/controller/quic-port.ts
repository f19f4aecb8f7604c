import type { FrameChoices } from '../model/global-settings.js'
import { hostsOf, tryUdp, whyRefused } from './stream-ports.js'

/** Whether NGINX can be told to listen for HTTP/3. */
export interface QuicPortJudge {
  /** Why it cannot, as the end of a sentence: NGINX refuses a whole frame for one port that it cannot have. */
  judge(frame: Pick<FrameChoices, 'addresses' | 'ipv6'>): Promise<string | undefined>
}

export interface QuicPortJudgeOptions {
  readonly port: number
  /** Whether NGINX has it already. */
  readonly isOpen: () => boolean
  readonly hasIpv6: boolean
}

export function createQuicPortJudge({ port, isOpen, hasIpv6 }: QuicPortJudgeOptions): QuicPortJudge {
  return {
    async judge(frame) {
      if (isOpen()) return undefined
      for (const host of hostsOf(frame, hasIpv6)) {
        const reason = await tryUdp(host, port)
        if (reason !== undefined)
          return `NGINX cannot listen on UDP port ${port}, ${whyRefused(reason)}; it begins when that is over`
      }
      return undefined
    },
  }
}
