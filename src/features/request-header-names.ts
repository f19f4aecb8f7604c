/** What frames a message or concerns one connection: nobody may set it. */
const FRAMING = [
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]

/** What every backend gets from NGINX itself. */
const OWN = [
  'host',
  'proxy',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-proto',
  'x-forwarded-scheme',
  'x-original-forwarded-for',
  'x-original-forwarded-host',
  'x-real-ip',
  'x-request-id',
  'x-scheme',
]

/** Whether a header of this name may be set at all. */
export function isAskable(name: string): boolean {
  return /^[A-Za-z0-9_-]+$/.test(name) && !FRAMING.includes(name.toLowerCase())
}

/** Whether the backend can get a header of this name from anything but NGINX. */
export function isForwardable(name: string): boolean {
  return !FRAMING.includes(name.toLowerCase()) && !OWN.includes(name.toLowerCase())
}
