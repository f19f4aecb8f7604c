import type { ConfigMap } from '../../snapshot/objects.js'
import type { EventRequest } from './event.js'

/** Contents of the ConfigMaps that were seen, by uid. */
export type SeenConfigMaps = ReadonlyMap<string, ConfigMap>

/** Section 20: Normal `CREATE` and `UPDATE` on the ConfigMaps that flags name. At the first look they may be old news. */
export function configMapEvents(
  before: SeenConfigMaps | undefined,
  configMaps: readonly ConfigMap[],
): { readonly seen: SeenConfigMaps; readonly events: readonly EventRequest[] } {
  const events = configMaps.flatMap((configMap): EventRequest[] => {
    const { namespace, name, uid, data } = configMap
    const known = before?.get(uid)
    if (uid === '' || known === configMap) return []
    if (known !== undefined && JSON.stringify(known.data) === JSON.stringify(data)) return []
    const about = { apiVersion: 'v1', kind: 'ConfigMap', namespace, name, uid }
    const reason = known === undefined ? 'CREATE' : 'UPDATE'
    const repeat = before === undefined ? 'once' : 'count'
    return [{ about, type: 'Normal', reason, message: `ConfigMap ${namespace}/${name}`, repeat, from: 'leader' }]
  })
  return { seen: new Map(configMaps.map((configMap) => [configMap.uid, configMap])), events }
}
