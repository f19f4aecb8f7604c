import { expect, test } from 'vitest'
import { headerValue, logFormat } from './text-with-variables.js'

test.each(['uri', 'document_uri', 'request_filename', 'remote_user', 'request_body'])(
  '$%s may be logged, and stands in no header: a client could send a line end in it',
  (name) => {
    expect(logFormat.parse(`a $${name}`)).toMatchObject({ ok: true })
    expect(headerValue.parse(`a $${name}`)).toMatchObject({ ok: false })
    expect(headerValue.parse(`a $\{${name}}`)).toMatchObject({ ok: false })
  },
)

test.each(['$request_uri', '$http_x_user', '$remote_addr'])('%s may stand in a header', (text) => {
  expect(headerValue.parse(text)).toMatchObject({ ok: true })
})
