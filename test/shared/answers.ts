import { byteAt, find, findControl, findUnprintable, hex, lower, slice } from '#bytes'
import { order } from '../../src/edge/order.js'
import { findCertified } from '../../src/model/host.js'
import { poolKey } from '../../src/model/pool-key.js'
import type { Table } from '../../src/model/table.js'
import { decide, type Decision } from '../../src/request/decide.js'
import { createRequest } from '../../src/request/offline-request.js'
import type { Scheme } from '../../src/request/passage.js'
import { escapeForHeader, escapePath } from '../../src/request/escape.js'
import { normalise, type HttpVersion } from '../../src/request/normalise.js'

/**
 * Shared code as functions from strings to one string, so that two runtimes can be compared. This file is itself compiled
 * for both; `driver.lua` calls it by name.
 */
export function answerDecide(table: Table, scheme: string, name: string, path: string, target: string): string {
  return describe(decide(table, order, createRequest({}), scheme as Scheme, name, path, target))
}

export function answerCertificate(table: Table, serverName: string): string {
  return findCertified(table, serverName)?.certificate ?? '-'
}

export function answerNormalise(
  _table: Table,
  target: string,
  host: string | undefined,
  version: string,
  hosts: string,
): string {
  const normalised = normalise(target, host, version as HttpVersion, hosts === 'strict')
  if (normalised.kind === 'refused') return `refused|${normalised.status}|${normalised.reason}`
  return `ok|${normalised.host}|${normalised.path}|${normalised.target}`
}

/** A whole request: normalised, then decided. */
export function answerRequest(table: Table, scheme: string, target: string, host: string | undefined): string {
  const normalised = normalise(target, host, '1.1')
  if (normalised.kind === 'refused') return `refused|${normalised.status}`
  return answerDecide(table, scheme, normalised.host, normalised.path, normalised.target)
}

export function answerEscapes(_table: Table, text: string): string {
  return `${escapeForHeader(text)} ${escapePath(text)}`
}

export function answerBytes(_table: Table, text: string, byte: string): string {
  const first = text.length > 0 ? hex(byteAt(text, 0)) : ''
  const found = find(text, byte, 0)
  const again = text.length > 0 ? find(text, byte, 1) : -1
  const middle = slice(text, 1, text.length)
  return `${first} ${found} ${again} ${lower(text)} ${middle} ${slice(text, 0, 0)} ${findUnprintable(text)} ${findControl(text)}`
}

export function answerPoolKey(_table: Table, serverName: string, authority: string): string {
  const tls = {
    serverName,
    namesServer: true,
    verify: authority !== '',
    verifyDepth: 2,
    authority,
    clientCertificate: '',
    ciphers: 'DEFAULT',
    protocols: 'TLSv1.2',
  }
  return poolKey({ protocol: 'grpc', tls }, (text) => text)
}

export function describe(decision: Decision): string {
  if (decision.kind === 'status') return `status|${decision.host.name}|${decision.allow.v4?.first[0] ?? ''}`
  const host = decision.host === undefined ? '-' : decision.host.name
  const route = decision.route === undefined ? '-' : `${decision.route.match} ${decision.route.path}`
  const why = `${decision.kind}|${host}|${route}`
  if (decision.kind === 'proxy') return `${why}|${decision.upstream.key}|${decision.pool}`
  if (decision.kind === 'redirect') return `${why}|${decision.status}|${decision.location}|${decision.label}`
  return `${why}|${decision.status}|${decision.label}`
}
