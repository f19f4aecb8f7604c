import type { Values } from '../configmap/index.js'
import type { BackendConnections, SettingsDocument } from '../model/documents.js'

/** As in src/edge/balance.ts, where nothing is said. */
const IDLE_SECONDS = 60
const REQUESTS = 10_000

/**
 * How connections to backends are kept, from the main ConfigMap (CON-1); what is as usual is left out. What backends are told
 * where none are kept is the frame's: no request should have to look at the settings for it.
 */
export function backendConnectionsOf(values: Values): Pick<SettingsDocument, 'backendConnections'> {
  const idleSeconds = values['upstream-keepalive-timeout'] ?? IDLE_SECONDS
  const requests = values['upstream-keepalive-requests'] ?? REQUESTS
  const mostSeconds = values['upstream-keepalive-time'] ?? 0
  const kept = values['upstream-keepalive-connections'] !== 0 && idleSeconds > 0 && requests > 0
  if (kept && idleSeconds === IDLE_SECONDS && requests === REQUESTS && mostSeconds === 0) return {}
  const backendConnections: BackendConnections = {
    kept,
    idleSeconds,
    requests,
    ...(mostSeconds === 0 ? {} : { mostSeconds }),
  }
  return { backendConnections }
}
