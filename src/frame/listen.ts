import { simple, type Directive } from '../nginx/directive.js'
import type { FrameInput } from './input.js'

/** `listen` on a port of each address that the frame listens on. */
export function listenOn({ listeners }: FrameInput, port: number, ...options: readonly string[]): readonly Directive[] {
  const { ipv4, ipv6, addresses } = listeners
  const all = [...(ipv4 ? [''] : []), ...(ipv6 ? ['[::]:'] : [])]
  const own = addresses?.filter((address) => ipv6 || !address.includes(':'))
  const prefixes = own?.map((address) => (address.includes(':') ? `[${address}]:` : `${address}:`)) ?? all
  return prefixes.map((prefix) => simple('listen', `${prefix}${port}`, ...options))
}

/** What every listener for clients has. */
export function clientOptions({ settings }: FrameInput): readonly string[] {
  return [...(settings.reusePort ? ['reuseport'] : []), 'backlog=4096']
}
