import { useEffect, useState } from 'preact/hooks'
import { get, post, whenLoggedOut } from './api.js'
import { Login } from './login.js'
import { Shell } from './shell.js'

type Session = 'asking' | 'open' | 'closed'

/** The page, behind its token. A token in the URL, as `serve` prints it, is shown and then taken out of the URL. */
export function App() {
  const [session, setSession] = useState<Session>('asking')
  useEffect(() => {
    whenLoggedOut(() => setSession('closed'))
    const [, token] = /^#token=([\w.-]+)$/.exec(location.hash) ?? []
    if (token !== undefined) history.replaceState(null, '', '#/')
    const open = token === undefined ? get('overview') : post('login', { token })
    open.then(
      () => setSession('open'),
      () => setSession('closed'),
    )
  }, [])
  if (session === 'asking') return <p class="inset">…</p>
  if (session === 'closed') return <Login onOpen={() => setSession('open')} />
  return <Shell onLogout={() => setSession('closed')} />
}
