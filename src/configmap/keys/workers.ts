import { int } from '../../features/kinds/kinds.js'
import { type Kind, parsed, refused } from '../../features/kinds/kind.js'
import { ignored, key } from '../declare.js'
import { seconds } from '../kinds.js'

/** More than NGINX can have (1024 processes of all kinds) would leave it without some, or without all. */
const MOST_WORKERS = 512

const processes: Kind<number | 'auto'> = {
  form: `auto, or a whole number from 1 to ${MOST_WORKERS}`,
  parse: (text) => {
    if (text === 'auto') return parsed('auto')
    const read = int({ from: 1, to: MOST_WORKERS }).parse(text)
    return read.ok ? read : refused(`is not auto, or a whole number from 1 to ${MOST_WORKERS}`)
  },
}

const affinity: Kind<readonly string[]> = {
  form: 'auto, or masks of cores with blanks between them',
  parse: (text) => {
    const words = text.split(/\s+/)
    const isRight = words.every((each, i) =>
      each === 'auto' ? i === 0 && words.length <= 2 : /^[01]{1,512}$/.test(each),
    )
    return isRight ? parsed(words) : refused('is neither auto nor masks such as 0001 0010')
  },
}

const HASHES = 'It sizes tables of a generated file; hosts, routes and variables are not in the file here.'

/** NGINX needs some for itself, and takes 250 bytes for each at its start. */
const connections: Kind<number> = {
  form: '0, or a whole number from 64 to 1048576',
  parse: (text) => {
    const read = int({ from: 0, to: 1_048_576 }).parse(text)
    return read.ok && read.value > 0 && read.value < 64 ? refused('is less than 64') : read
  },
}

/** With fewer it would have too few for its own log, its clients and their backends. */
const openFiles: Kind<number> = {
  form: '0, or a whole number from 1024',
  parse: (text) => {
    const read = int({ from: 0 }).parse(text)
    return read.ok && read.value > 0 && read.value < 1024 ? refused('is less than 1024') : read
  },
}

/** Workers. Source: configmap.md, "Workers and sizing"; ngx_core_module. */
export const workers = {
  'worker-processes': key({
    kind: processes,
    doc: 'How many workers NGINX has.',
    fallback: 'one for each core',
    example: '4',
    changes: 'frame',
    frame: (workerProcesses) => ({ workerProcesses }),
  }),
  'worker-cpu-affinity': key({
    kind: affinity,
    doc: 'Which cores the workers are bound to.',
    fallback: 'none',
    example: 'auto',
    changes: 'frame',
    frame: (workerCpuAffinity) => ({ workerCpuAffinity }),
  }),
  'worker-shutdown-timeout': key({
    kind: seconds,
    doc: 'How long workers may finish requests after a reload or a stop; less than 10 s counts as 10 s.',
    fallback: '240s',
    example: '60s',
    changes: 'frame',
    frame: (workerShutdownTimeoutSeconds) => ({ workerShutdownTimeoutSeconds }),
  }),
  'enable-serial-reloads': ignored(
    'A reload always waits until the workers of the one before have taken over; routes, endpoints and certificates need none.',
  ),
  'max-worker-connections': key({
    kind: connections,
    doc: 'Connections that a worker may have, those to backends too; 0 is the default.',
    fallback: '16384',
    example: '65536',
    changes: 'frame',
    frame: (workerConnections) => (workerConnections === 0 ? {} : { workerConnections }),
  }),
  'max-worker-open-files': key({
    kind: openFiles,
    doc: 'Files and connections that a worker may have open; 0 leaves what the system gives.',
    fallback: '0',
    example: '131072',
    changes: 'frame',
    frame: (workerOpenFiles) => (workerOpenFiles === 0 ? {} : { workerOpenFiles }),
  }),
  'enable-aio-write': ignored('NGINX writes bodies that do not stay in memory as the system does.'),
  'map-hash-bucket-size': ignored(HASHES),
  'server-name-hash-max-size': ignored(HASHES),
  'server-name-hash-bucket-size': ignored(HASHES),
  'variables-hash-bucket-size': ignored(HASHES),
  'variables-hash-max-size': ignored(HASHES),
  'lua-shared-dicts': ignored(
    'The table has one size, --table-size; when it is full nothing is evicted, and a problem says so.',
  ),
}
