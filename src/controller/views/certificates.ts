import { X509Certificate } from 'node:crypto'
import type { CertificateRow, Page } from '../../observe/shown.js'
import type { Problem } from '../../problems/problem.js'
import type { Secret } from '../../snapshot/objects.js'
import { readCertificate } from '../../translate/certificate.js'
import type { Translation } from '../../translate/translate.js'
import { pageOf, type PageQuestion } from './page.js'
import { problemRow } from './problems.js'

type Sources = Pick<Translation, 'certificates' | 'defaultCertificate'>

interface Source {
  readonly name: string
  readonly names: readonly string[]
  readonly notBefore: number
  readonly notAfter: number
  readonly hosts: number
  readonly isDefault: boolean
  readonly chain: string
  readonly problems: readonly Problem[]
  readonly text: string
}

export interface CertificateList {
  page(from: Sources, question: PageQuestion): Page<CertificateRow>
  /** The one that ends first, among those of Secrets. */
  first(from: Sources): { readonly name: string; readonly at: number } | undefined
}

/** Gives the certificates that are served, the one that ends first before the others. Private keys do not leave this file. */
export function createCertificateList(): CertificateList {
  let known: Sources['certificates'] | undefined
  let standard: Sources['defaultCertificate'] | undefined
  let sources: readonly Source[] = []

  const look = ({ certificates, defaultCertificate }: Sources): readonly Source[] => {
    if (certificates !== known || defaultCertificate !== standard) {
      known = certificates
      standard = defaultCertificate
      const served = [...certificates.served].flatMap(([name, { secret, hosts, problems }]) =>
        sourceOf(name, secret, hosts, problems),
      )
      sources = [...served, defaultSource(defaultCertificate)].sort((a, b) => a.notAfter - b.notAfter)
    }
    return sources
  }

  return {
    page: (from, question) => pageOf(look(from), ({ text }) => text, question, rowOf),
    first(from) {
      const found = look(from).find(({ isDefault }) => !isDefault)
      return found === undefined ? undefined : { name: found.name, at: found.notAfter }
    },
  }
}

/** Read already, when it was chosen. */
function sourceOf(name: string, secret: Secret, hosts: number, problems: readonly Problem[]): readonly Source[] {
  const reading = readCertificate(secret)
  if (!reading.ok) return []
  const { names, notBefore, notAfter, document } = reading
  const text = `${name} ${names.join(' ')}`.toLowerCase()
  return [{ name, names, notBefore, notAfter, hosts, isDefault: false, chain: document.chain, problems, text }]
}

function defaultSource({ secret, document, problems }: Sources['defaultCertificate']): Source {
  const leaf = new X509Certificate(document.chain)
  const name = secret === undefined ? 'default' : `${secret.namespace}/${secret.name}`
  return {
    name,
    names: (leaf.subjectAltName ?? '')
      .split(', ')
      .flatMap((entry) => (entry.startsWith('DNS:') ? [entry.slice(4)] : [])),
    notBefore: Date.parse(leaf.validFrom),
    notAfter: Date.parse(leaf.validTo),
    hosts: 0,
    isDefault: true,
    chain: document.chain,
    problems,
    text: `${name} default`,
  }
}

function rowOf({ name, names, notBefore, notAfter, hosts, isDefault, chain, problems }: Source): CertificateRow {
  const issuer = new X509Certificate(chain).issuer.split('\n').toReversed().join(', ')
  return { secret: name, names, issuer, notBefore, notAfter, hosts, isDefault, problems: problems.map(problemRow) }
}
