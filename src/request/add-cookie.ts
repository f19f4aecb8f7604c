import type { ResponsePort } from './port.js'

/** Adds a Set-Cookie line to those that the answer has. */
export function addCookie(response: ResponsePort, line: string): void {
  const others = response.answered('Set-Cookie')
  if (others === undefined) return response.answer('Set-Cookie', line)
  const lines: string[] = []
  if (typeof others === 'string') lines.push(others)
  else for (const other of others) lines.push(other)
  lines.push(line)
  response.answer('Set-Cookie', lines)
}
