import { spawn } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import * as der from '../../src/controller/der.js'
import { extension } from '../../src/controller/x509.js'
import { createAuthority, type IssuedLeaf, type LeafRequest, openssl } from './certificates.js'

/** An authority whose certificates name an OCSP responder, and that responder: the openssl command. */
export interface OcspAuthority {
  /** `chain` has the authority behind the leaf. */
  issue(request: LeafRequest & { readonly responder?: string; readonly mustStaple?: boolean }): IssuedLeaf
  revoke(leaf: IssuedLeaf): void
  /** DER of the answer to a request (DER), and how it is made: flags of `openssl ocsp`. */
  answer(request: Buffer, choices?: AnswerChoices): Buffer
  /** What openssl says of an answer (DER) about a leaf: its status, verified by the authority. */
  check(leaf: IssuedLeaf, answer: Buffer): string
  /** Serves what is issued and revoked until now, on a port; ends with `stop`. */
  serve(port: number): Promise<Responder>
  remove(): void
}

export interface AnswerChoices {
  /** Default: the authority itself. */
  readonly signer?: 'authority' | 'delegate' | 'stranger'
  /** Default: -nmin 60, an answer that counts for an hour. */
  readonly flags?: readonly string[]
}

export interface Responder {
  stop(): Promise<void>
}

export function createOcspAuthority(name: string): OcspAuthority {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-ocsp-'))
  const authority = createAuthority(name)
  const delegate = authority.issue({ names: [], commonName: 'delegate', purpose: 'responder' })
  const stranger = authority.issue({ names: [], commonName: 'stranger', purpose: 'server' })
  const file = (called: string): string => join(folder, called)
  const lines = new Map<string, string>()
  const list = (leaf: IssuedLeaf, state: string): void => {
    const { serialNumber } = new X509Certificate(leaf.certificate)
    lines.set(serialNumber, `${state}\t${serialNumber}\tunknown\t/CN=${serialNumber}`)
    writeFileSync(file('index.txt'), [...lines.values(), ''].join('\n'))
  }
  writeFileSync(file('index.txt'), '')
  for (const [called, { certificate, key }] of Object.entries({ authority, delegate, stranger })) {
    writeFileSync(file(`${called}.pem`), certificate)
    writeFileSync(file(`${called}.key`), key, { mode: 0o600 })
  }
  const responding = (signer: string): readonly string[] =>
    `-index index.txt -CA authority.pem -rsigner ${signer}.pem -rkey ${signer}.key -ndays 1`
      .split(' ')
      .map((word) => (/\.\w+$/.test(word) ? file(word) : word))
  return {
    issue({ responder, mustStaple, ...request }) {
      const more = [
        ...(responder === undefined ? [] : [accessTo(responder)]),
        ...(mustStaple === true ? [MUST_STAPLE] : []),
      ]
      const leaf = authority.issue({ ...request, more })
      list(leaf, 'V\t400101000000Z\t')
      return { ...leaf, chain: leaf.certificate + authority.certificate }
    },
    revoke: (leaf) => list(leaf, 'R\t400101000000Z\t260101000000Z'),
    answer(request, { signer = 'authority', flags = [] } = {}) {
      writeFileSync(file('request.der'), request)
      const files = ['-reqin', file('request.der'), '-respout', file('answer.der')]
      openssl(['ocsp', ...responding(signer), ...flags, ...files])
      return readFileSync(file('answer.der'))
    },
    check(leaf, answer) {
      writeFileSync(file('leaf.pem'), leaf.certificate)
      writeFileSync(file('told.der'), answer)
      const trust = ['-issuer', file('authority.pem'), '-CAfile', file('authority.pem'), '-no_nonce']
      try {
        const said = openssl(['ocsp', '-respin', file('told.der'), ...trust, '-cert', file('leaf.pem')])
        return /: (good|revoked|unknown)$/m.exec(said)?.[1] ?? said
      } catch (cause) {
        // It is about another certificate, or not signed as it should be.
        return String(cause)
      }
    },
    serve: (port) => serve(responding('delegate'), port),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

async function serve(responding: readonly string[], port: number): Promise<Responder> {
  const child = spawn('openssl', ['ocsp', ...responding, '-port', String(port)], { stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const told = new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        if (line.startsWith('ACCEPT')) resolve()
      })
    }
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`openssl ocsp ended with ${code ?? 'a signal'}`)))
  })
  await told
  return {
    async stop() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

function accessTo(responder: string): Buffer {
  const location = der.context(6, Buffer.from(responder, 'latin1'), false)
  const access = der.sequence(der.objectIdentifier('1.3.6.1.5.5.7.48.1'), location)
  return extension('1.3.6.1.5.5.7.1.1', false, der.sequence(access))
}

/** RFC 7633: status_request. */
const MUST_STAPLE = extension('1.3.6.1.5.5.7.1.24', false, der.sequence(der.integer(Buffer.from([5]))))
