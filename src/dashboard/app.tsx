import { useEffect, useState } from 'preact/hooks'
import type { Overview } from '../observe/shown.js'
import { get, post, whenLoggedOut } from './api.js'
import { Login } from './login.js'
import { Shell } from './shell.js'

type Session = 'asking' | 'open' | 'closed'

/** The page, behind its token. A token in the URL, as `serve` prints it, is shown and then taken out of the URL. */
export function App() {
  const [session, setSession] = useState<Session>('asking')
  const [first, setFirst] = useState<Overview | undefined>(undefined)
  useEffect(() => {
    whenLoggedOut(() => setSession('closed'))
    const [, token] = /^#token=([\w.-]+)$/.exec(location.hash) ?? []
    if (token !== undefined) history.replaceState(null, '', '#/')
    const open = async (): Promise<void> => {
      if (token !== undefined) await post('login', { token })
      setFirst(await get<Overview>('overview'))
      setSession('open')
    }
    open().catch(() => setSession('closed'))
  }, [])
  if (session === 'asking') return <p class="inset">…</p>
  if (session === 'closed') return <Login onOpen={() => setSession('open')} />
  return <Shell first={first} onLogout={() => setSession('closed')} />
}
