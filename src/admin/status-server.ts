import { rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { Diagnosis } from '../observe/diagnosis/diagnosis.js'
import type { StatusReport } from '../observe/status.js'

export interface StatusServer {
  close(): void
}

/**
 * Tells the state of the controller on a Unix socket, and at `/diagnosis` what `fairlead diagnose` packs, whose folder
 * lets nobody else in. Without it everything else works.
 */
export function startStatusServer(
  socket: string,
  describe: () => Promise<StatusReport>,
  diagnose: () => Promise<Diagnosis>,
  onProblem: (message: string) => void,
): StatusServer {
  // Left over by one that was killed: the lock of the folder says that nobody listens.
  rmSync(socket, { force: true })
  const server = createServer(({ url }, response) => {
    const asked: Promise<object> = url === '/diagnosis' ? diagnose() : describe()
    asked.then(
      (report) => response.end(JSON.stringify(report)),
      () => response.writeHead(500).end(),
    )
  })
  server.on('error', (cause) => onProblem(`fairlead status will not find this one: ${cause.message}`))
  server.listen(socket, () => server.unref())
  return { close: () => server.close() }
}
