import { expect, test } from 'vitest'
import { ACK_LINE } from '../model/log-lines.js'
import { headerValue, logFormat } from './text-with-variables.js'

test.each(['uri', 'document_uri', 'request_filename', 'remote_user', 'request_body'])(
  '$%s may be logged, and stands in no header: a client could send a line end in it',
  (name) => {
    expect(logFormat.parse(`a $${name}`)).toMatchObject({ ok: true })
    expect(headerValue.parse(`a $${name}`)).toMatchObject({ ok: false })
    expect(headerValue.parse(`a $\{${name}}`)).toMatchObject({ ok: false })
  },
)

test.each(['$request_uri', '$http_x_user', '$remote_addr', '$namespace/$ingress_name'])(
  '%s may stand in a header',
  (text) => {
    expect(headerValue.parse(text)).toMatchObject({ ok: true })
  },
)

test('a line goes on with - for a variable that is not known, which is said; a header does not (LOGF-3)', () => {
  expect(logFormat.parse('$status [$namespace_of_nobody] $host')).toEqual({
    ok: true,
    value: [
      { kind: 'variable', name: 'status' },
      { kind: 'text', text: ' [' },
      { kind: 'text', text: '-' },
      { kind: 'text', text: '] ' },
      { kind: 'variable', name: 'host' },
    ],
    skipped: 'names the variable $namespace_of_nobody, which is not known here: - is written for it',
  })
  expect(headerValue.parse('$namespace_of_nobody')).toEqual({
    ok: false,
    reason: 'names the variable $namespace_of_nobody, which is not known here',
  })
})

test('a format may be named; a header of that name is a text', () => {
  expect(logFormat.parse('ack')).toEqual(logFormat.parse(ACK_LINE))
  expect(headerValue.parse('ack')).toEqual({ ok: true, value: [{ kind: 'text', text: 'ack' }] })
})
