import { randomBytes } from 'node:crypto'
import type { NginxProcess } from '../../apply/nginx-process.js'
import type { StateFolder } from '../../apply/state-folder.js'
import type { SpanExport } from '../../model/span-export.js'
import { createSpanExporter } from '../../observe/spans/exporter.js'
import { exportRequest } from '../../observe/spans/otlp.js'
import { createPoster } from '../../observe/spans/post.js'
import { parseSpanLine } from '../../observe/spans/span-record.js'
import { createTail } from '../../observe/tail.js'
import { createLines } from '../../observe/spans/lines.js'
import type { Log } from '../log.js'

export interface Spans {
  /** Where they are sent from now on; undefined: nowhere. */
  follow(to: SpanExport | undefined): void
  finish(): Promise<void>
}

const FOLLOW_MILLISECONDS = 200
const FAREWELL_MILLISECONDS = 3_000
const ROTATE_BYTES = 16 * 1024 * 1024

/** Sends a span for each line that NGINX writes about a sampled request. Nothing of it can hold up a request. */
export function sendSpans(folder: StateFolder, nginx: NginxProcess, log: Log): Spans {
  const poster = createPoster()
  const resourceOf = (serviceName: string): Readonly<Record<string, string>> => ({
    'service.name': serviceName,
    'k8s.namespace.name': process.env['POD_NAMESPACE'] ?? '',
    'k8s.pod.name': process.env['POD_NAME'] ?? '',
  })
  const makeId = (): string => randomBytes(8).toString('hex')
  const exporter = createSpanExporter({
    send: ({ host, port, serviceName }, records) =>
      poster.post(host, port, exportRequest(records, resourceOf(serviceName), makeId)),
    onLost: (spans, why) => log('warn', `tracing: ${spans} spans were lost: ${why}`),
    chance: Math.random,
  })
  const lines = createLines((line) => {
    const record = parseSpanLine(line)
    if (record !== undefined) exporter.add(record)
  })
  const tail = createTail(folder.spanLog, lines, {
    startAtEnd: nginx.pid() !== undefined,
    rotateBytes: ROTATE_BYTES,
    reopen: () => nginx.signal('SIGUSR1'),
    onLost: (count) => log('warn', `tracing: ${count} lines of the span log were lost`),
  })
  const timer = setInterval(() => tail.step(), FOLLOW_MILLISECONDS)
  timer.unref()
  return {
    follow: (to) => exporter.configure(to),
    async finish() {
      clearInterval(timer)
      tail.step()
      tail.close()
      await exporter.finish(FAREWELL_MILLISECONDS)
      poster.close()
    },
  }
}
