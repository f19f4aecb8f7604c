/** The rules of the contract that annotations and routing are held to, by their prefix and number of the last one. */
export interface RuleSection {
  readonly title: string
  readonly prefix: string
  readonly first: number
  readonly last: number
}

export const sections: readonly RuleSection[] = [
  { title: 'Ingresses that are served', prefix: 'SEL', first: 0, last: 8 },
  { title: 'Order and conflicts', prefix: 'ORD', first: 1, last: 6 },
  { title: 'Hosts', prefix: 'HOST', first: 1, last: 6 },
  { title: 'Default backends', prefix: 'DEF', first: 1, last: 6 },
  { title: 'Every annotation', prefix: 'GEN', first: 1, last: 20 },
  { title: 'Server aliases', prefix: 'ALI', first: 1, last: 7 },
  { title: 'Allow and deny lists', prefix: 'IP', first: 1, last: 5 },
  { title: 'Basic and digest authentication', prefix: 'BAS', first: 1, last: 10 },
  { title: 'Canary', prefix: 'CAN', first: 1, last: 14 },
  { title: 'Client certificates', prefix: 'MTLS', first: 1, last: 8 },
  { title: 'External authentication', prefix: 'EXT', first: 1, last: 14 },
  { title: 'Bodies, buffers, timeouts', prefix: 'PRX', first: 0, last: 9 },
  { title: 'Backend protocol', prefix: 'BP', first: 1, last: 7 },
  { title: 'TLS to the backend', prefix: 'PSSL', first: 1, last: 6 },
  { title: 'FastCGI', prefix: 'FCGI', first: 1, last: 3 },
  { title: 'CORS', prefix: 'COR', first: 1, last: 7 },
  { title: 'Custom response headers', prefix: 'HDR', first: 1, last: 3 },
  { title: 'Errors and default backend', prefix: 'ERR', first: 1, last: 8 },
  { title: 'HTTP/2 push', prefix: 'H2P', first: 1, last: 1 },
  { title: 'Access log', prefix: 'LOG', first: 1, last: 1 },
  { title: 'Tracing', prefix: 'OTEL', first: 1, last: 3 },
  { title: 'Load balancing', prefix: 'LB', first: 1, last: 6 },
  { title: 'Redirects', prefix: 'RED', first: 1, last: 8 },
  { title: 'Rewrites', prefix: 'RW', first: 1, last: 5 },
  { title: 'Redirect to HTTPS', prefix: 'SSL', first: 1, last: 5 },
  { title: 'Connection header', prefix: 'CON', first: 1, last: 1 },
  { title: 'Rate limits', prefix: 'LIM', first: 1, last: 6 },
  { title: 'Mirror', prefix: 'MIR', first: 1, last: 4 },
  { title: 'Upstream host and prefix', prefix: 'VH', first: 1, last: 2 },
  { title: 'Web application firewall', prefix: 'MOD', first: 1, last: 4 },
  { title: 'Satisfy', prefix: 'SAT', first: 1, last: 1 },
  { title: 'Session affinity', prefix: 'AFF', first: 1, last: 11 },
  { title: 'Snippets', prefix: 'SNP', first: 1, last: 2 },
  { title: 'TLS of a host', prefix: 'TLS', first: 1, last: 1 },
  { title: 'Certificates', prefix: 'CERT', first: 1, last: 10 },
  { title: 'TLS passthrough', prefix: 'PT', first: 1, last: 4 },
  { title: 'Algorithms', prefix: 'BAL', first: 0, last: 2 },
  { title: 'Paths', prefix: 'PATH', first: 1, last: 9 },
  { title: 'Services and endpoints', prefix: 'SVC', first: 1, last: 10 },
  { title: 'TCP and UDP services', prefix: 'L4', first: 1, last: 5 },
  { title: 'HTTPS', prefix: 'HTTPS', first: 1, last: 3 },
  { title: 'Retries', prefix: 'RTY', first: 1, last: 4 },
  { title: 'Addresses of clients', prefix: 'IPA', first: 0, last: 3 },
  { title: 'Headers', prefix: 'REQ', first: 1, last: 4 },
  { title: 'Status and leader', prefix: 'STA', first: 1, last: 6 },
  { title: 'Admission', prefix: 'ADM', first: 1, last: 5 },
  { title: 'Changes', prefix: 'DYN', first: 1, last: 6 },
  { title: 'Shutdown', prefix: 'SHD', first: 1, last: 3 },
  { title: 'The main ConfigMap', prefix: 'CM', first: 1, last: 10 },
  { title: 'Health and debugging', prefix: 'OBS', first: 1, last: 4 },
  { title: 'Flags', prefix: 'FLG', first: 1, last: 3 },
  { title: 'Container and roles', prefix: 'CHT', first: 1, last: 2 },
  { title: 'Metrics of requests', prefix: 'MET', first: 1, last: 6 },
  { title: 'Lines of the access log', prefix: 'LOGF', first: 1, last: 6 },
]

/** What Fairlead does otherwise, or not yet, and why; shown beside the tests of the rule. */
export const remarks: Readonly<Record<string, string>> = {
  'ORD-4': 'Better: `host-owners` of the main ConfigMap says whose a host is.',
  'SNP-1':
    'No snippet is ever run. Where both settings allow it, the Ingress is served without, and what the snippet would keep somebody out of is closed.',
  'SNP-2': 'The problem of a snippet names the typed settings that do what most snippets are for.',
  'CM-2': 'Better: an unknown key is a problem that names the nearest known one.',
  'CM-5':
    'Better: each value is checked, and one that cannot be costs its own key only; so does one that NGINX itself refuses, found by trying its file without single keys: the value before holds, or the default. `main-`, `http-`, `server-`, `location-` and `stream-snippet` are never run: a problem names the keys that do what they say, and is an error where one would keep somebody out. Nothing is closed in its place, which would be every path of everybody.',
  'CM-6': 'Better: what it refers to is followed.',
  'CM-10':
    '`lua-shared-dicts` has no effect: the table is one dictionary, of --table-size. When it is full nothing is evicted, and a problem says so.',
  'OBS-2': '`/readyz` and `/livez` are there beside it: a pod that is not ready is not killed.',
  'OBS-3': 'There is no such port: documents go over a Unix socket that only the controller and NGINX can open.',
  'OBS-4': 'In place of `/dbg`: `fairlead status`, `explain --admin` and `diagnose`.',
  'DYN-1': 'Better: a change is live at once; there is no rate that it waits for.',
  'DYN-2': 'Better: of routes, endpoints and certificates there is no reload.',
  'DYN-5': 'A reload always waits until the workers of the one before have taken over.',
  'GEN-2':
    'Better: one that has annotations which keep somebody out is closed (503; 403 for the hosts of client certificates), so that no wider path or host serves what it is to protect.',
  'GEN-15':
    'Nor does what a canary says of client certificates (auth-tls-*) count. Each annotation that would keep somebody out says that it has no effect there.',
  'IPA-2':
    'Better: where `proxy-real-ip-cidr` is given, scheme, host and port (that of PROXY too) count from these addresses only. Without it everybody is believed, as ever.',
  'GEN-6': 'Values are always validated; the flag is accepted and does nothing, with a warning.',
  'GEN-18': 'Better: a ConfigMap that an annotation names is followed.',
  'IP-2': 'A deny list holds with `satisfy: any` too, whatever else is satisfied.',
  'IP-4': 'Better: block-cidrs holds on every path.',
  'LOG-1': '`enable-rewrite-log` has no effect: rewrites are made in Lua.',
  'OTEL-3':
    'Spans go out over HTTP, to port 4318 by default, and not over gRPC; `tracestate` goes where a trace begins.',
  'L4-3':
    'Better: without a ready endpoint the port stays open, and closes its connections. Ports that Fairlead does not use are not reserved. UDP with PROXY is served, and PROXY has no effect.',
  'L4-4':
    'Turns are even over time, not strict; other endpoints are tried if they have the same port, 6 at most (docs/design/streams.md).',
  'L4-5': 'Better: another Service for a port is no reload, nor are endpoints to and from none.',
  'PT-1': 'Without the flag it has no effect, and that is said.',
  'PT-2':
    'To the endpoints, not the ClusterIP, unless `service-upstream` says so. Closed rather than decrypted: wildcards, aliases and hosts without a path / answer 421 over TLS.',
  'PT-4': 'Connections are handed over inside NGINX: there is no listener on `--ssl-passthrough-proxy-port`.',
  'MOD-1': 'A value that cannot be read closes, where DEF would mean without a firewall.',
  'MOD-2':
    'Snippets are never used: `modsecurity-mode` and its like (docs/annotations.md) say most of what they do; with one, of the Ingress or the ConfigMap, paths with a firewall are closed. Answers are not inspected, and there is no audit log: what is found is in the error log.',
  'MOD-3': 'A value that cannot be read closes.',
  'MOD-4':
    'Nor is the `default-backend` that stands in for a Service without endpoints: with a firewall it does not stand in, and the answer is 503.',
  'LOGF-1':
    'The controller copies the access log to its standard output, to files or to syslog; NGINX writes its logs to files of the state folder. The error log is copied only where `error-log-path` or `enable-syslog` says so. The log of the controller is text or JSON, not klog.',
  'LOGF-3': 'A variable that is not known is logged as `-`, and a problem names it. `ack` is the line of ACK.',
  'LOGF-5': 'See `log-format-stream` in docs/configmap.md.',
  'LOGF-6': 'Requests to auth services are never logged; their answers are, as those of the requests that asked.',
  'MET-1':
    'The label host is what an Ingress declares: all names below a wildcard are `*.example.com`. Methods beyond those of HTTP and WebDAV are `OTHER`; requests that block-cidrs, block-user-agents or block-referers refuse are not counted.',
  'MET-2': 'Native histograms are not made; `--bucket-factor` says so.',
  'MET-4':
    'Better: nothing is dropped. What changes more than 2,000 label sets of a worker in a second is handed on over several seconds.',
  'MET-5':
    'A redirect to the final slash of a Prefix is counted for the Ingress of that path, where ingress-nginx leaves its labels empty.',
  'IPA-0':
    'With both, the address is what PROXY says; forwarded-for-header is passed on, and its scheme, host and port count; with `proxy-real-ip-cidr` they do where the PROXY source is in it too.',
  'BAS-1': 'A value of them that cannot be read closes or refuses all the same; auth-secret without auth-type is said.',
  'BAS-2': '`auth-type` is exactly `basic` or `digest`; what only contains the word is refused.',
  'BAS-3':
    'A hash that is broken, or of bcrypt above cost 14 or more than 1,000,000 rounds, is none; users who have one are named by their line.',
  'BAS-5': 'A realm of `off` is refused.',
  'BAS-6': 'Also where `satisfy: any` let a client in by another check. A header of another scheme is left alone.',
  'BAS-7': 'MD5 with qop=auth; each use of a nonce counts once, within 5 minutes.',
  'BAS-8': 'Written empty, the key exempts nothing.',
  'EXT-1': 'Headers of one connection (TE, Upgrade, Keep-Alive, …) are not forwarded.',
  'EXT-2': 'Where 512 requests of a worker wait for one service already, or 2048 for all: 503.',
  'EXT-4':
    'A header that frames the message, or that every backend gets from NGINX (X-Real-IP, X-Forwarded-*), closes the paths.',
  'EXT-6': 'Characters that cannot be close the paths too.',
  'EXT-7':
    '16 MB; the entry that was not used for longest goes first. Never kept: an answer with Set-Cookie, with no-store, no-cache, private or Vary. Another service or other settings have other entries.',
  'EXT-8': '`enable-auth-access-log` has no effect: the questions are never logged.',
  'EXT-9':
    'Connections are kept without auth-keepalive too, 256 idle ones in each worker; the quirks of that mode are not there: EXT-2 and EXT-4 hold.',
  'EXT-10':
    'A key of the ConfigMap that cannot be read, or a snippet, closes what it would hold for. auth-signin or auth-snippet without an auth-url closes.',
  'EXT-12': 'Closed with 503; also a variable that no request has, a snippet, or an unreadable auth-proxy-set-headers.',
  'EXT-13':
    'Of variables in the host only `$host` is understood, in auth-url of an Ingress without wildcards; others close the paths: names are resolved by the controller.',
  'EXT-14':
    'The body limit of the path holds for the request itself. The head of an answer may have 64 kB whatever the buffers are; its body is read up to 64 kB, and thrown away.',
  'AFF-3': 'The year of Expires has four digits (RFC 9110, 5.6.7), which browsers read as they do two.',
  'BAL-1': 'An endpoint that took no connection is asked after the others for 5 s; nothing is taken out.',
  'BAL-2': 'Only retries, and the order in which endpoints are asked after one took no connection.',
  'BP-5':
    'The global default backend; the one that an Ingress names has the protocol of that Ingress, as in the reference.',
  'COR-3': 'A list of which nothing can be read admits nobody.',
  'COR-5': 'The 204 carries no Content-Type and no Content-Length (RFC 9110, 8.6).',
  'COR-6': '`Vary: Origin` is added where the origin is echoed.',
  'ERR-1':
    'Answers of backends with 408, 444, 494 to 497 or 499 stay, whose numbers NGINX uses for itself. What the default server answers where no Ingress has a rule for it stays too.',
  'ERR-2':
    'Without the body of the request, which may be half read or be what was refused, and without its Authorization, conditions and ranges.',
  'AFF-5': 'Better: requests that `spec.defaultBackend` answers have sessions too; there it never has one.',
  'RW-3':
    'A variable that no request has is nothing, and a problem names it; there NGINX takes no change until it is gone.',
  'MIR-3': 'Better: a copy is sent after the answer, so that a slow mirror delays nothing.',
  'CERT-1':
    'Better: certificates with other kinds of keys are served beside it (docs/design/two-certificates.md), to clients that prefer them.',
  'CERT-7': 'Missing intermediate certificates are not fetched.',
  'MTLS-1':
    'A catch-all without rules protects the default server too. `auth-tls-match-cn`, or `auth-tls-verify-client` with `on` or `optional`, without a Secret closes the paths.',
  'MTLS-2':
    'A Secret without `ca.crt` closes the host (403) rather than opening it, and so does a `ca.crl` that cannot be read.',
  'MTLS-4':
    'A path is served in place of what a GET or HEAD without a body asked for; other requests get 400. There are no named locations: 400.',
  'MTLS-7':
    'As there: but where plain HTTP is not redirected, so that everybody has what a certificate is asked for over TLS, a problem says so and how to close it. Better: where it is redirected, `X-Forwarded-Proto: https` does not keep a request from that.',
  'MTLS-8':
    'Also without a server name, and where two names share a host (alias, wildcard). The default server takes all names that nobody declared.',
  'PRX-9': 'Values that NGINX would refuse together fall back to the defaults of their Ingress.',
  'PSSL-2': 'Where verification is asked for and there is no CA, the paths are closed.',
  'PSSL-5':
    'Only Ingresses of the same namespace have it, unless allow-cross-namespace-resources is true, and only with HTTPS; a canary lends nothing.',
  'RTY-1': 'A try that reached nobody within a second does not count while another endpoint may be there.',
  'RTY-4': 'gRPC clients get an HTTP status, as with the reference.',
  'SVC-8': 'There is no status port: NGINX is asked over a Unix socket that no endpoint can name.',
  'SVC-9': 'Where hints leave no ready endpoint for the zone, all are used. PreferSameZone counts as PreferClose.',
  'SVC-10': 'Better: Services of all types are followed, their coming and going too.',
}

/** What a key of the main ConfigMap takes or means otherwise than there. */
export const keyRemarks: Readonly<Record<string, string>> = {
  'error-log-level': 'The default is warn, not notice.',
  'upstream-keepalive-connections': 'The default is 4000 idle connections of a worker to all backends, not 320.',
  'upstream-keepalive-time': 'The default is no limit, not 1h. Parts of a second count as one.',
  'upstream-keepalive-timeout':
    'It takes a time (10m) too, not only a number of seconds; with 0 no connection is kept.',
  'upstream-keepalive-requests': 'With 0 no connection is kept.',
  'worker-shutdown-timeout':
    "Times are NGINX's up to days (1h30m, 90s); parts of a second count as one, and less than 10 s as 10 s.",
  'ssl-session-timeout': "Times are NGINX's up to days; parts of a second count as one.",
  'proxy-stream-timeout': "Times are NGINX's up to days; parts of a second count as one.",
  'proxy-stream-next-upstream-timeout': "Times are NGINX's up to days; parts of a second count as one.",
  'proxy-protocol-header-timeout': "Times are NGINX's up to days; parts of a second count as one.",
  'custom-http-errors':
    'From 300 on, as there; of the annotation of the name from 400 on only. What is none is skipped, and said.',
  'limit-req-status-code':
    'From 400 to 599, as NGINX has it; another one is said and the default holds, where NGINX would not load the file.',
  'limit-conn-status-code':
    'From 400 to 599, as NGINX has it; another one is said and the default holds, where NGINX would not load the file.',
  'forwarded-for-header':
    'A name with `_` is one that NGINX drops from requests unless enable-underscores-in-headers is true, as there.',
  'ssl-ecdh-curve':
    'Names that OpenSSL knows, in any case; another one is said and the default holds, where NGINX would not load the file.',
  'max-worker-open-files': 'From 1024 on; less is said, and the default holds. 0 leaves what the system gives.',
  'max-worker-connections': 'From 64 on; 0 is the default, not three quarters of max-worker-open-files.',
  'ssl-reject-handshake': 'Better: a value that cannot be read refuses handshakes rather than admitting them.',
}
