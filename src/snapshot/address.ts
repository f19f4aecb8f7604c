import ipaddr from 'ipaddr.js'

/** An IP address in its usual form: four decimal parts, or IPv6. Octal and shortened IPv4 forms are not addresses. */
export function isAddress(text: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(text) || (text.includes(':') && ipaddr.IPv6.isValid(text))
}
