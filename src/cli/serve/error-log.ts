import { existsSync, renameSync, statSync } from 'node:fs'

export interface ErrorLogKeeper {
  /** To be called now and then. */
  step(): void
}

/** As many again are in the file before; in a pod both are in memory. */
const MOST_BYTES = 16 * 1024 * 1024
const LOOK_MILLISECONDS = 2_000

interface KeeperOptions {
  readonly path: string
  readonly mostBytes?: number
  /** Makes NGINX open the file anew after it was put aside. */
  reopen(): void
  log(level: 'info' | 'warn', message: string): void
}

/** Keeps NGINX's error log from growing for ever: strangers write to it as well, a line for each long body, say. */
export function keepErrorLogShort(options: KeeperOptions & { looked(): void }): { close(): void } {
  const keeper = createErrorLogKeeper(options)
  const timer = setInterval(() => {
    options.looked()
    keeper.step()
  }, LOOK_MILLISECONDS)
  timer.unref()
  return { close: () => clearInterval(timer) }
}

/** The file is put aside as `PATH.1` when it is too long; the one that was there before goes. */
export function createErrorLogKeeper({ path, mostBytes = MOST_BYTES, reopen, log }: KeeperOptions): ErrorLogKeeper {
  let isAside = false
  let isBroken = false
  return {
    step() {
      try {
        if (!existsSync(path)) {
          // NGINX may not have heard, and writes to the old one still.
          if (isAside) reopen()
          return
        }
        isAside = false
        if (statSync(path).size <= mostBytes) return
        renameSync(path, `${path}.1`)
        isAside = true
        reopen()
        log('info', `the error log of NGINX had grown to ${mostBytes} bytes and goes on anew; the old one is ${path}.1`)
      } catch (cause) {
        if (!isBroken) log('warn', `the error log of NGINX cannot be kept short: ${String(cause)}`)
        isBroken = true
      }
    },
  }
}
