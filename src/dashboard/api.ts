/** An answer of the admin API that is no success. */
export class ApiError extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

let onLoggedOut = (): void => undefined

/** Called whenever the API says that a token is needed. */
export function whenLoggedOut(act: () => void): void {
  onLoggedOut = act
}

/** The answer to a GET; throws an ApiError. The server is our own, so its answer is believed to be a T. */
export async function get<T>(path: string, query: Readonly<Record<string, string | number>> = {}): Promise<T> {
  const words = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]))
  const answer = await fetch(`api/${path}${words.size === 0 ? '' : `?${words.toString()}`}`)
  return read<T>(answer)
}

export async function post<T>(path: string, body: object): Promise<T> {
  const answer = await fetch(`api/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return read<T>(answer)
}

async function read<T>(answer: Response): Promise<T> {
  const body: unknown = await answer.json().catch(() => undefined)
  if (answer.ok) return body as T // see `get`
  if (answer.status === 401) onLoggedOut()
  const message = typeof body === 'object' && body !== null && 'message' in body ? String(body.message) : ''
  throw new ApiError(answer.status, message === '' ? `The controller answered ${answer.status}.` : message)
}
