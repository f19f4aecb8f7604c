import type { Values } from '../configmap/index.js'
import type { LimitChoices, SettingsDocument } from '../model/documents.js'

const STANDARD_STATUS = 503
const STANDARD_KEY = '$binary_remote_addr'

/** How limits count and refuse, from the main ConfigMap (LIM-1..3); what is as usual is left out. */
export function limitChoicesOf(values: Values): Pick<SettingsDocument, 'limits'> {
  const requestStatus = values['limit-req-status-code'] ?? STANDARD_STATUS
  const connectionStatus = values['limit-conn-status-code'] ?? STANDARD_STATUS
  const key = values['limit-conn-zone-variable'] ?? STANDARD_KEY
  const limits: LimitChoices = {
    ...(requestStatus === STANDARD_STATUS ? {} : { requestStatus }),
    ...(connectionStatus === STANDARD_STATUS ? {} : { connectionStatus }),
    ...(key === STANDARD_KEY ? {} : { key }),
  }
  return Object.keys(limits).length === 0 ? {} : { limits }
}
