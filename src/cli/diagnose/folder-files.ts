import { readFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'
import type { StateFolder } from '../../apply/state-folder.js'
import type { DiagnosisFile } from '../../observe/diagnosis/diagnosis.js'
import { maskFrame } from '../../observe/diagnosis/mask-frame.js'
import { maskErrorLine } from '../../observe/diagnosis/mask-text.js'
import type { Vocabulary } from '../../observe/diagnosis/vocabulary.js'
import { ownVersion } from '../version.js'
import { lastLines } from './own-words.js'

const ERROR_LOG_BYTES = 256 * 1024

/** What a state folder tells with or without a controller: versions, the frame, the end of NGINX's error log. */
export function filesOfFolder(folder: StateFolder, engine: string, vocabulary: Vocabulary): readonly DiagnosisFile[] {
  return [
    { name: 'versions.txt', text: describeVersions(engine) },
    { name: 'nginx.conf', text: maskFrame(readOr(folder.frame, '')) },
    {
      name: 'error.log',
      text: lastLines(folder.errorLog, ERROR_LOG_BYTES)
        .map((line) => `${maskErrorLine(line, vocabulary)}\n`)
        .join(''),
    },
  ]
}

function describeVersions(engine: string): string {
  const { node, openssl, v8 } = process.versions
  return [
    `fairlead ${ownVersion()}`,
    `engine ${engine}`,
    `node ${node}, OpenSSL ${openssl}, V8 ${v8}`,
    `Linux ${release()} on ${process.arch}, ${cpus().length} CPUs, ${Math.round(totalmem() / 1024 / 1024)} MiB`,
    `written ${new Date().toISOString()}`,
    '',
  ].join('\n')
}

function readOr(file: string, otherwise: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return otherwise
  }
}
