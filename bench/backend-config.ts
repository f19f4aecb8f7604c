import { block, simple, withVariables, type Directive } from '../src/nginx/directive.js'
import { printConfig } from '../src/nginx/print.js'

export interface BackendChoices {
  readonly addresses: readonly string[]
  readonly port: number
  /** Where `stub_status` answers. */
  readonly statusPort: number
  readonly paths: { readonly pid: string; readonly errorLog: string; readonly temporary: string }
  readonly user: { readonly name: string; readonly group: string } | undefined
}

/**
 * nginx.conf of the one process that is every endpoint. Its answer names the address that was asked and the bytes of the
 * request: so it can be seen that the right backend answered, and that two proxies sent it the same headers.
 */
export function backendConfig({ addresses, port, statusPort, paths, user }: BackendChoices): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'] as const
  const answer = simple('return', 200, withVariables`${'server_addr'} ${'request_length'}`)
  const http: readonly Directive[] = [
    ...temporary.map((name) => simple(`${name}_temp_path`, `${paths.temporary}/${name}`)),
    simple('access_log', 'off'),
    // Never the backend's doing that a connection is opened anew.
    simple('keepalive_timeout', '1h'),
    simple('keepalive_requests', 1_000_000_000),
    block('server', [], [...addresses.map((address) => simple('listen', `${address}:${port}`)), answer]),
    block(
      'server',
      [],
      [simple('listen', `127.0.0.1:${statusPort}`), block('location', ['/'], [simple('stub_status')])],
    ),
  ]
  return printConfig([
    simple('daemon', 'off'),
    ...(user === undefined ? [] : [simple('user', user.name, user.group)]),
    simple('worker_processes', 1),
    simple('pid', paths.pid),
    simple('error_log', paths.errorLog, 'warn'),
    block('events', [], [simple('worker_connections', 16_384)]),
    block('http', [], http),
  ])
}
