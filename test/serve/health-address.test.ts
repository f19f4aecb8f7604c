import { expect, test } from 'vitest'
import { createProgram } from './program.js'

test.each([
  ['203.0.113.9', 'EADDRNOTAVAIL'],
  ['nohost.invalid', 'ENOTFOUND'],
])(
  '--healthz-host %s, which this machine does not have: one sentence and exit code 2',
  { timeout: 60_000 },
  async (host, code) => {
    const program = await createProgram()
    try {
      await expect(program.start(undefined, ['--healthz-host', host])).rejects.toThrow('serve ended with 2')
      const said = program.log().match(/^fairlead: .*$/gm)
      expect(said).toHaveLength(1)
      expect(said?.[0]).toMatch(
        new RegExp(`^fairlead: The health endpoints cannot listen on ${host}:\\d+ \\(.*${code}`),
      )
      expect(program.log()).not.toMatch(/^ +at /m)
    } finally {
      await program.remove()
    }
  },
)
