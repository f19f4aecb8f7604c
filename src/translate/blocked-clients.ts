import type { Values } from '../configmap/index.js'
import type { BlockedClients, HeaderTest } from '../model/blocked-clients.js'
import type { SettingsDocument } from '../model/documents.js'
import { toBytes } from './pathname.js'

export function blockedClientsOf(values: Values): Pick<SettingsDocument, 'blocked'> {
  const addresses = values['block-cidrs']
  const userAgents = values['block-user-agents'] ?? []
  const referers = values['block-referers'] ?? []
  const blocked: BlockedClients = {
    ...(addresses === undefined ? {} : { addresses }),
    ...(userAgents.length === 0 ? {} : { userAgents: userAgents.map(inBytes) }),
    ...(referers.length === 0 ? {} : { referers: referers.map(inBytes) }),
  }
  return Object.keys(blocked).length === 0 ? {} : { blocked }
}

function inBytes({ test, value }: HeaderTest): HeaderTest {
  return { test, value: toBytes(value) }
}
