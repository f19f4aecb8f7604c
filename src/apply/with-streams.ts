import { readFileSync } from 'node:fs'
import { streamPortsIn } from '../frame/stream.js'
import type { StreamServices } from '../model/streams.js'
import { createProblem } from '../problems/create.js'
import type { Problem } from '../problems/problem.js'
import type { Applier, Desired } from './applier.js'
import type { StreamWriter } from './stream-writer.js'

const NONE: StreamServices = new Map()

/**
 * An applier that brings the records of TCP, UDP and passed-through TLS along: the file that NGINX begins with before
 * anything else, and what changed before a frame that needs it, so that a port has its endpoints when it opens.
 *
 * @param frame the file of the frame that runs
 */
export function withStreams(applier: Applier, writer: StreamWriter, frame: string): Applier {
  async function push({ streams = NONE }: Desired): Promise<readonly Problem[]> {
    if (!hasStreams(readFrame(frame))) {
      writer.forget()
      return []
    }
    const failure = await writer.push(streams)
    return failure === undefined ? [] : [notPushed(failure)]
  }

  function save({ streams = NONE }: Desired): readonly Problem[] {
    const failure = writer.save(streams)
    return failure === undefined ? [] : [notSaved(failure)]
  }

  return {
    ...applier,
    async begin(desired, onLoading) {
      writer.forget()
      const unsaved = save(desired)
      return [...unsaved, ...(await applier.begin(desired, onLoading)), ...(await push(desired))]
    },
    async apply(desired, onLoading) {
      const unsaved = save(desired)
      const early = await push(desired)
      const applied = await applier.apply(desired, onLoading)
      return [...unsaved, ...applied, ...(early.length > 0 ? early : await push(desired))]
    },
    async revive() {
      writer.forget()
      return applier.revive()
    },
  }
}

/** The ports of services that the running NGINX has, as `streamKey` has them. */
export function runningStreamPorts(frame: string): ReadonlySet<string> {
  return streamPortsIn(readFrame(frame))
}

function hasStreams(text: string): boolean {
  return text.includes('\nstream {\n')
}

function readFrame(frame: string): string {
  try {
    return readFileSync(frame, 'utf8')
  } catch {
    return ''
  }
}

const ABOUT = { kind: 'NGINX', namespace: '', name: 'streams' }

function notPushed(cause: string): Problem {
  const message = `NGINX did not take the change of TCP, UDP or passed-through TLS (${cause}); it will be tried again.`
  return createProblem('table/not-pushed', ABOUT, '', message)
}

function notSaved(cause: string): Problem {
  const message = `The file of TCP, UDP and passed-through TLS that NGINX begins with could not be written: ${cause}`
  return createProblem('frame/not-written', ABOUT, '', message)
}
