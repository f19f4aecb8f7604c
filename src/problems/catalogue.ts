/** error: that part is left out. warning: it works, or a default applies. */
export type Severity = 'error' | 'warning'

/**
 * Every code a problem can carry, with the sentence that explains it in the reference.
 * The codes are stable: people silence and search for them.
 */
export const catalogue = {
  'file/unreadable': {
    severity: 'error',
    title: 'A file could not be read; its objects keep their last good version.',
  },
  'file/syntax': {
    severity: 'error',
    title: 'A file is not valid YAML or JSON; its objects keep their last good version.',
  },
  'file/too-large': {
    severity: 'error',
    title: 'A file is larger than Fairlead reads; its objects keep their last good version.',
  },
  'file/not-an-object': {
    severity: 'error',
    title: 'A document is not a Kubernetes object (no mapping with apiVersion, kind and metadata.name).',
  },
  'file/folder-gone': { severity: 'error', title: 'The folder of manifests is gone; the last state stays in force.' },
  'source/unreachable': {
    severity: 'error',
    title: 'The API server does not answer, or not with success; what was read before stays in force.',
  },
  'source/permission-missing': {
    severity: 'error',
    title: 'The API server does not let Fairlead read something; the message has the rule that is missing.',
  },
  'source/classes-unreadable': {
    severity: 'warning',
    title: 'IngressClasses may not be read; class names are not evaluated, only the class annotation is (SEL-2).',
  },
  'object/duplicate': {
    severity: 'error',
    title: 'Two documents declare the same object; the first in order of file name counts.',
  },
  'object/invalid': {
    severity: 'error',
    title: 'An object has a field of the wrong type; its last good version stays.',
  },
  'ingress/nothing-to-serve': { severity: 'error', title: 'An Ingress has neither rules nor a default backend.' },
  'ingress/refused': { severity: 'error', title: 'An Ingress holds text that is never allowed in it (SEL-7).' },
  'ingress/class-not-found': {
    severity: 'warning',
    title: 'An Ingress names a class that does not exist; it is not served.',
  },
  'ingress/no-class': {
    severity: 'warning',
    title:
      'An Ingress in a folder of manifests names no class, or another one than ours in its annotation; it is not served.',
  },
  'host/invalid': {
    severity: 'error',
    title: 'A host is not a DNS name, or a wildcard in the wrong place; its rule is left out.',
  },
  'host/owned': {
    severity: 'error',
    title:
      'A host belongs to another namespace (host-owners of the main ConfigMap); what an Ingress has for it is left out.',
  },
  'host/open-over-http': {
    severity: 'warning',
    title: 'A host asks for client certificates, and plain HTTP, where nobody is asked, is not redirected (MTLS-7).',
  },
  'path/invalid': { severity: 'error', title: 'A path cannot be matched as written; it is left out.' },
  'path/never-matches': {
    severity: 'warning',
    title: 'A path is written in a form that no request has after normalisation.',
  },
  'path/pattern-refused': {
    severity: 'error',
    title: 'A path of a host of regular expressions is not one that NGINX takes; it is left out.',
  },
  'path/pattern-unjudged': {
    severity: 'warning',
    title: 'No NGINX was there to try a regular expression, so whether it is valid is not known.',
  },
  'path/shadowed': {
    severity: 'warning',
    title: 'An older Ingress declares the same host, path and path type; this one is not used (ORD-2).',
  },
  'backend/missing': { severity: 'error', title: 'A path names no Service.' },
  'backend/resource-unsupported': {
    severity: 'warning',
    title: 'A backend is not a Service; the path behaves as absent (DEF-5).',
  },
  'backend/service-not-found': { severity: 'error', title: 'A Service does not exist; the path answers 503.' },
  'backend/port-not-found': { severity: 'error', title: 'A Service has no such port; the path answers 503.' },
  'backend/no-ready-endpoint': { severity: 'warning', title: 'A Service has no ready endpoint; the path answers 503.' },
  'backend/external-name-refused': {
    severity: 'error',
    title: 'An ExternalName is not a name that may be served; the path answers 503.',
  },
  'backend/external-name-unresolved': {
    severity: 'warning',
    title: 'An ExternalName does not resolve; the path answers 503.',
  },
  'flag/object-not-found': { severity: 'warning', title: 'A flag names an object that does not exist.' },
  'endpoints/flag-ignored': {
    severity: 'warning',
    title: 'The flag --endpoints names a Service that has EndpointSlices, does not exist or has no such port.',
  },
  'tls/secret-not-found': {
    severity: 'error',
    title: 'A TLS Secret does not exist; the default certificate is served.',
  },
  'tls/secret-incomplete': {
    severity: 'error',
    title: 'A TLS Secret lacks tls.crt or tls.key; the default certificate is served.',
  },
  'tls/certificate-unreadable': {
    severity: 'error',
    title: 'A certificate or key cannot be parsed; the default certificate is served.',
  },
  'tls/key-mismatch': {
    severity: 'error',
    title: 'The key does not belong to the certificate; the default certificate is served.',
  },
  'tls/chain-broken': {
    severity: 'warning',
    title: 'The chain does not fit together; the certificate is served, some clients will refuse it.',
  },
  'tls/host-not-covered': {
    severity: 'warning',
    title: 'The certificate does not cover the host; the default certificate is served.',
  },
  'tls/expired': {
    severity: 'warning',
    title: 'A certificate has expired or is not valid yet; it is served all the same.',
  },
  'tls/revoked': {
    severity: 'warning',
    title: 'The issuer of a certificate has revoked it; it is served all the same, without a staple.',
  },
  'tls/no-staple': {
    severity: 'warning',
    title: 'No OCSP response can be stapled to a certificate.',
  },
  'tls/expires-soon': { severity: 'warning', title: 'A certificate expires within ten days.' },
  'annotation/unknown': {
    severity: 'warning',
    title: 'Nothing in this version understands the annotation; it has no effect.',
  },
  'annotation/closed': {
    severity: 'error',
    title:
      'A security annotation is not understood or cannot be read; its paths answer 503, or its hosts 403, rather than go unprotected.',
  },
  'annotation/invalid-value': {
    severity: 'warning',
    title: 'The value of an annotation cannot be read; its default applies, or its family does nothing.',
  },
  'annotation/used-in-part': {
    severity: 'warning',
    title: 'Some of what an annotation names cannot be used, such as a user of a Secret; the rest is.',
  },
  'annotation/refused': {
    severity: 'error',
    title:
      'An annotation has a value that is not allowed; the Ingress is served as it was before, or not at all if new.',
  },
  'annotation/pattern-refused': {
    severity: 'error',
    title: 'An annotation holds a regular expression that NGINX does not take; what it is about does not happen.',
  },
  'annotation/pattern-unjudged': {
    severity: 'warning',
    title: 'No NGINX was there to try a regular expression of an annotation, so whether it is valid is not known.',
  },
  'canary/keeps-nobody-out': {
    severity: 'warning',
    title: 'An annotation that keeps somebody out stands on a canary, where those of the main Ingress count (CAN-14).',
  },
  'canary/no-main': {
    severity: 'warning',
    title: 'No other Ingress declares the host, path and path type of a canary; it is not used (CAN-2).',
  },
  'canary/same-backend': {
    severity: 'warning',
    title: 'A canary names the Service and port of the main Ingress; it is not used (CAN-2).',
  },
  'canary/second': {
    severity: 'warning',
    title: 'Another canary stands beside the same Service and port already; this one is not used (CAN-5).',
  },
  'configmap/unknown-key': {
    severity: 'warning',
    title: 'Nothing in this version understands the ConfigMap key; it has no effect.',
  },
  'configmap/without-effect': {
    severity: 'warning',
    title: 'The ConfigMap key is one of ingress-nginx that has no effect here.',
  },
  'configmap/keeps-nobody-out': {
    severity: 'error',
    title: 'A snippet of the ConfigMap would keep somebody out, and is never run; nothing is closed in its place.',
  },
  'configmap/invalid-value': { severity: 'warning', title: 'A ConfigMap value cannot be read; the default applies.' },
  'stream/refused': {
    severity: 'error',
    title: 'An entry of the ConfigMap of TCP or UDP services cannot be served; its port is not opened (L4-3).',
  },
  'stream/port-unavailable': {
    severity: 'error',
    title: 'NGINX cannot listen on the port of a TCP or UDP service; it is not opened until that is possible.',
  },
  'stream/engine-lacks': {
    severity: 'error',
    title: 'NGINX lacks a module for TCP and UDP services or TLS passthrough; they are not served.',
  },
  'stream/no-endpoint': {
    severity: 'warning',
    title: 'A TCP or UDP service has no ready endpoint; its connections are closed.',
  },
  'stream/not-passed': {
    severity: 'error',
    title: 'TLS of a host with ssl-passthrough cannot be passed on; requests over TLS are answered 421.',
  },
  'stream/without-effect': {
    severity: 'warning',
    title: 'A part of an entry of the ConfigMap of TCP or UDP services has no effect.',
  },
  'frame/refused': { severity: 'error', title: 'NGINX refused the configuration; the one before stays in force.' },
  'frame/not-written': {
    severity: 'error',
    title: 'The configuration could not be written; the one before stays in force.',
  },
  'table/full': {
    severity: 'error',
    title: 'The shared memory of the table is too small; the change is not live. Raise --table-size.',
  },
  'table/document-too-large': {
    severity: 'error',
    title: 'A host, Service or certificate is too large for the table; its last good version stays.',
  },
  'table/not-pushed': {
    severity: 'error',
    title: 'NGINX did not take a change of the table; it is tried again.',
  },
  'nginx/lua-fault': {
    severity: 'error',
    title: 'Our own code in NGINX failed; a request that it was asked about was refused with 503.',
  },
  'snapshot/unusable': {
    severity: 'warning',
    title: 'The snapshot of the table is damaged and was treated as absent.',
  },
} as const satisfies Record<string, { readonly severity: Severity; readonly title: string }>

export type ProblemCode = keyof typeof catalogue
