import { useEffect, useState } from 'preact/hooks'
import type { Overview } from '../observe/shown.js'

export interface Live {
  readonly overview: Overview | undefined
  /** false: the controller does not answer at the moment. */
  readonly connected: boolean
}

const RETRY_MILLISECONDS = 2_000

/** Follows the controller by server-sent events, for as long as somebody looks. `first`: what is known already. */
export function useLive(first: Overview | undefined): Live {
  const [live, setLive] = useState<Live>({ overview: first, connected: true })
  useEffect(() => {
    let events: EventSource | undefined
    let timer: ReturnType<typeof setTimeout> | undefined
    const connect = (): void => {
      events = new EventSource('api/events')
      events.addEventListener(
        'state',
        ({ data }: MessageEvent<string>) => setLive({ overview: JSON.parse(data) as Overview, connected: true }), // our own server's
      )
      events.addEventListener('error', () => {
        setLive(({ overview }) => ({ overview, connected: false }))
        // The browser tries again by itself after a broken connection, but not after a refusal.
        if (events?.readyState !== EventSource.CLOSED) return
        events.close()
        timer = setTimeout(connect, RETRY_MILLISECONDS)
      })
    }
    connect()
    return () => {
      clearTimeout(timer)
      events?.close()
    }
  }, [])
  return live
}
