/** What the controller knows of its own state. */
export interface Health {
  readonly stopping: boolean
  /** Process of NGINX's master; undefined: none. */
  readonly nginx: number | undefined
  /** Everything present at start is live, or refused with a problem. */
  readonly ready: boolean
  /** Why NGINX serves nobody although it runs, as a sentence; absent: it serves. */
  readonly trouble?: string | undefined
  /** Sentence for people: what it is waiting for, or what is live. */
  readonly reason: string
}

export interface HealthAnswer {
  readonly status: 200 | 500
  readonly body: string
}

/** OBS-1: the checks behind `/healthz`, by name. */
function checksOf(health: Health): readonly (readonly [name: string, problem: string | undefined])[] {
  return [
    ['ping', undefined],
    ['nginx-ingress-controller', problemOf(health)],
  ]
}

function problemOf(health: Health): string | undefined {
  const { stopping, nginx, ready, trouble, reason } = health
  if (stopping) return 'the controller is stopping'
  if (nginx === undefined) return ready ? 'no NGINX runs' : `no NGINX runs. ${reason}`
  if (trouble !== undefined) return trouble
  return ready ? undefined : reason
}

/**
 * `/healthz` with its sub-paths, `?verbose` and `?exclude=` (OBS-1), `/readyz` (ready means live) and `/livez` (the
 * process and NGINX live; somebody's bad Ingress must not have a pod killed). undefined: not one of these.
 */
export function answerHealth(
  path: string,
  query: URLSearchParams,
  health: Health,
  healthPath: string,
): HealthAnswer | undefined {
  if (path === '/livez') {
    const problem = health.nginx === undefined ? 'no NGINX runs' : health.trouble
    return problem === undefined ? { status: 200, body: 'ok\n' } : failed(problem)
  }
  if (path === '/readyz') {
    const problem = problemOf(health)
    return problem === undefined ? { status: 200, body: `ok: ${health.reason}\n` } : failed(problem)
  }
  if (path !== healthPath && !path.startsWith(`${healthPath}/`)) return undefined
  const only = path.slice(healthPath.length + 1)
  const excluded = query.getAll('exclude')
  const checks = checksOf(health).filter(([name]) => (only === '' || only === name) && !excluded.includes(name))
  if (only !== '' && checks.length === 0) return undefined
  const bad = checks.filter(([, problem]) => problem !== undefined)
  const list = checks.map(([name, problem]) =>
    problem === undefined ? `[+]${name} ok` : `[-]${name} failed: ${problem}`,
  )
  if (bad.length > 0) return { status: 500, body: `${list.join('\n')}\nhealthz check failed\n` }
  return { status: 200, body: query.has('verbose') ? `${list.join('\n')}\nhealthz check passed\n` : 'ok\n' }
}

function failed(reason: string): HealthAnswer {
  return { status: 500, body: `not ok: ${reason}\n` }
}
