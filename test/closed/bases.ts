import { createAuthority } from '../support/certificates.js'

/** Annotations of an Ingress that lets no stranger in, with what they need. */
export interface Base {
  readonly annotations: Readonly<Record<string, string>>
  /** Secrets and ConfigMaps that the annotations name, by name, in the namespace of the Ingress. */
  readonly secrets?: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** Plain HTTP is open while nothing is broken (MTLS-6). */
  readonly tlsOnly?: true
}

const friends = createAuthority('Friends').certificate

/**
 * By family, each of whose protecting annotations some base has or can be given. The client of the test is a stranger
 * to all.
 */
export const bases: Readonly<Record<string, readonly Base[]>> = {
  'address-lists': [
    { annotations: { 'allowlist-source-range': '192.0.2.0/24' } },
    { annotations: { 'denylist-source-range': '127.0.0.0/8,::1' } },
    { annotations: { 'allowlist-source-range': '192.0.2.0/24', satisfy: 'any' } },
  ],
  'client-certificates': [
    {
      annotations: { 'auth-tls-secret': 'test/SECRET:ca', 'auth-tls-verify-client': 'on' },
      secrets: { ca: { 'ca.crt': friends } },
      tlsOnly: true,
    },
    {
      annotations: {
        'auth-tls-secret': 'test/SECRET:ca',
        'auth-tls-verify-client': 'on',
        'auth-tls-match-cn': 'CN=friend',
      },
      secrets: { ca: { 'ca.crt': friends } },
    },
  ],
  'basic-auth': [
    {
      annotations: { 'auth-type': 'basic', 'auth-secret': 'SECRET:users' },
      secrets: { users: { auth: 'ann:{PLAIN}x' } },
    },
    {
      annotations: {
        'auth-type': 'basic',
        'auth-secret': 'SECRET:users',
        'auth-secret-type': 'auth-map',
        satisfy: 'any',
      },
      secrets: { users: { ann: '$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW' } },
    },
    {
      annotations: { 'auth-type': 'digest', 'auth-secret': 'SECRET:users', 'auth-realm': 'Members only' },
      secrets: { users: { auth: 'ann:Members only:0123456789abcdef0123456789abcdef' } },
    },
  ],
  // AUTH: is an auth service that answers 401.
  'external-auth': [
    { annotations: { 'auth-url': 'AUTH:' } },
    { annotations: { 'auth-url': 'AUTH:', 'auth-signin': 'http://login.test/', 'auth-cache-key': '$remote_addr' } },
    { annotations: { 'auth-url': 'AUTH:', satisfy: 'any' } },
    // Nobody listens there.
    { annotations: { 'auth-url': 'http://127.0.0.1:1/' } },
  ],
  // The stranger asks by GET, which the core rules then refuse.
  waf: [
    {
      annotations: {
        'enable-modsecurity': 'true',
        'enable-owasp-core-rules': 'true',
        'modsecurity-mode': 'On',
        'modsecurity-allowed-methods': 'POST',
      },
    },
  ],
}
