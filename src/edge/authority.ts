import * as ffi from 'ffi'
import type { AuthorityAttachment } from '../model/attachment.js'
import { openssl } from './openssl.js'

/** What certificates of clients are verified by, as OpenSSL has it; freed by the garbage collector. */
export interface Authority {
  /** `X509_STORE` */
  readonly store: object
  /** `STACK_OF(X509_NAME)`: whose certificates clients may choose among. */
  readonly names: object
}

/**
 * X509_V_FLAG_CRL_CHECK and X509_V_FLAG_CRL_CHECK_ALL: each authority of a chain must have a list, as with NGINX's
 * `ssl_crl`.
 */
const CHECK_REVOCATIONS = 0x4 | 0x8

/** undefined where any part cannot be read: what is left out could be what counts. */
export function readAuthority({ certificates, revocations }: AuthorityAttachment): Authority | undefined {
  const authority = createAuthority()
  if (authority === undefined) return undefined
  const { store, names } = authority
  const isWhole =
    addCertificates(store, names, certificates) &&
    (revocations === undefined ||
      (addRevocations(store, revocations) && openssl.X509_STORE_set_flags(store, CHECK_REVOCATIONS) === 1))
  // The end of a text is an error for OpenSSL, which NGINX would find later and take for one of its connection.
  openssl.ERR_clear_error()
  return isWhole ? authority : undefined
}

function createAuthority(): Authority | undefined {
  const store = openssl.X509_STORE_new()
  const names = openssl.OPENSSL_sk_new_null()
  if (store === undefined || names === undefined) return undefined
  return { store: ffi.gc(store, (one) => openssl.X509_STORE_free(one)), names: ffi.gc(names, freeNames) }
}

function freeNames(names: object): void {
  openssl.OPENSSL_sk_pop_free(names, openssl.X509_NAME_free)
}

function addCertificates(store: object, names: object, pem: string): boolean {
  const bio = openssl.BIO_new_mem_buf(pem, pem.length)
  if (bio === undefined) return false
  let count = 0
  let isGood = true
  let x509 = openssl.PEM_read_bio_X509(bio, undefined, undefined, undefined)
  while (x509 !== undefined) {
    count++
    const name = openssl.X509_NAME_dup(openssl.X509_get_subject_name(x509))
    const isAdded = openssl.X509_STORE_add_cert(store, x509) === 1
    if (!isAdded || name === undefined || openssl.OPENSSL_sk_push(names, name) === 0) isGood = false
    openssl.X509_free(x509)
    x509 = openssl.PEM_read_bio_X509(bio, undefined, undefined, undefined)
  }
  openssl.BIO_free(bio)
  return isGood && count === blocksIn(pem)
}

function addRevocations(store: object, pem: string): boolean {
  const bio = openssl.BIO_new_mem_buf(pem, pem.length)
  if (bio === undefined) return false
  let count = 0
  let isGood = true
  let crl = openssl.PEM_read_bio_X509_CRL(bio, undefined, undefined, undefined)
  while (crl !== undefined) {
    count++
    if (openssl.X509_STORE_add_crl(store, crl) !== 1) isGood = false
    openssl.X509_CRL_free(crl)
    crl = openssl.PEM_read_bio_X509_CRL(bio, undefined, undefined, undefined)
  }
  openssl.BIO_free(bio)
  return isGood && count === blocksIn(pem)
}

/** The controller prints every block anew. OpenSSL stops at one that it cannot read as it does at the end. */
function blocksIn(pem: string): number {
  const [, count] = string.gsub(pem, '%-%-%-%-%-BEGIN ', '')
  return count
}
