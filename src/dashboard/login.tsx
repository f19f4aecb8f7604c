import { useState } from 'preact/hooks'
import { post } from './api.js'
import { Alert } from './ui/parts.js'

export function Login({ onOpen }: { readonly onOpen: () => void }) {
  const [token, setToken] = useState('')
  const [problem, setProblem] = useState<string | undefined>(undefined)
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault()
    try {
      await post('login', { token: token.trim() })
      onOpen()
    } catch (cause) {
      setProblem(cause instanceof Error ? cause.message : String(cause))
    }
  }
  return (
    <main class="login">
      <form onSubmit={(event) => void submit(event)}>
        <h1>Fairlead</h1>
        <label>
          Token
          <input
            type="password"
            autocomplete="current-password"
            value={token}
            onInput={(event) => setToken(event.currentTarget.value)}
            required
          />
        </label>
        <button type="submit" class="primary">
          Show the dashboard
        </button>
        {problem === undefined ? null : <Alert>{problem}</Alert>}
        <p class="note">
          “fairlead serve” prints a URL that has it. It is also in <code>private/admin.token</code> of the state folder,
          or in the file of <code>--admin-token-file</code>. In a cluster with <code>--admin-auth kubernetes</code>, the
          token of a user who may get <code>/fairlead</code> does as well.
        </p>
      </form>
    </main>
  )
}
