import type { KeyProblem } from './declare.js'
import type { Values } from './index.js'

/**
 * Says of TLS 1.0 and 1.1 that no client gets them: the signatures in their handshakes, of MD5 and SHA-1, are below
 * level 1 of OpenSSL 3, which is the lowest that it takes by itself. A host may have a list of its own (TLS-1), at
 * another level. Source: SSL_CTX_set_security_level(3).
 */
export function oldTlsProblems(values: Values): readonly KeyProblem[] {
  const old = values['ssl-protocols']?.filter((protocol) => protocol === 'TLSv1' || protocol === 'TLSv1.1') ?? []
  if (old.length === 0 || /@SECLEVEL=0(?![^:, ])/.test(values['ssl-ciphers'] ?? '')) return []
  const message = `No handshake comes to ${old.join(' or ')}, but for hosts whose annotation ssl-ciphers has @SECLEVEL=0: OpenSSL 3 takes them at its security level 0 only. For clients that have nothing newer, add :@SECLEVEL=0 to ssl-ciphers, whose list also needs ciphers that are not of TLS 1.2 only, such as ECDHE-RSA-AES128-SHA.`
  return [{ key: 'ssl-protocols', kind: 'without effect', message }]
}
