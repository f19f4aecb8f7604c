import type { Setting } from '../rim/setting.js'
import type { Api } from './rim/api.js'
import type { Controller } from './rim/controller.js'
import type { Watcher } from './rim/watcher.js'

/** What the parts measure: a controller on an API server, and what is beside it. */
export interface Stage {
  readonly setting: Setting
  readonly api: Api
  readonly watcher: Watcher
  readonly controller: Controller
}
