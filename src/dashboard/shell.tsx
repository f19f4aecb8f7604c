import { useEffect, useRef, useState } from 'preact/hooks'
import type { ComponentChildren } from 'preact'
import type { BoardName } from '../observe/boards/boards.js'
import type { Overview } from '../observe/shown.js'
import { type Address, linkTo, useAddress } from './address.js'
import { post } from './api.js'
import { type Live, useLive } from './live.js'
import { applyTheme, readTheme, type Theme } from './theme.js'
import { Badge, Scope } from './ui/parts.js'
import { Alerts } from './views/alerts.js'
import { BoardView } from './views/board.js'
import { Certificates } from './views/certificates.js'
import { Explain } from './views/explain.js'
import { HostView } from './views/host.js'
import { IngressView } from './views/ingress.js'
import { Ingresses } from './views/ingresses.js'
import { OverviewView } from './views/overview.js'
import { Problems } from './views/problems.js'
import { Routes } from './views/routes.js'
import { TimelineView } from './views/timeline.js'
import { scopeOf } from './words.js'

interface View {
  readonly path: string
  readonly title: string
  readonly show: (address: Address, live: Live) => ComponentChildren
}

const NOW: readonly View[] = [
  { path: '', title: 'Overview', show: (_, live) => <OverviewView live={live} /> },
  { path: 'routes', title: 'Routes', show: (address, live) => <Routes address={address} live={live} /> },
  { path: 'ingresses', title: 'Ingresses', show: (address, live) => ingresses(address, live) },
  { path: 'problems', title: 'Problems', show: (address, live) => <Problems address={address} live={live} /> },
  {
    path: 'certificates',
    title: 'Certificates',
    show: (address, live) => <Certificates address={address} live={live} />,
  },
  { path: 'alerts', title: 'Alerts', show: () => <Alerts /> },
  { path: 'timeline', title: 'Changes', show: (_, live) => <TimelineView live={live} /> },
  { path: 'explain', title: 'Explain', show: (address) => <Explain address={address} /> },
]

const LOG: readonly View[] = [
  { path: 'traffic', title: 'Traffic', show: (address) => board('overview', 'Traffic', address) },
  { path: 'access', title: 'Access', show: (address) => board('access', 'Access', address) },
  { path: 'monitoring', title: 'Monitoring', show: (address) => board('monitoring', 'Monitoring', address) },
  { path: 'blue-green', title: 'Blue/green', show: (address) => board('blue-green', 'Blue/green', address) },
  { path: 'exceptions', title: 'Exceptions', show: (address) => board('exceptions', 'Exceptions', address) },
]

/** Reached from other views. */
const DETAILS: readonly View[] = [
  {
    path: 'hosts',
    title: 'Host',
    show: ({ path: [, name = ''] }, live) => <HostView key={name} name={name} live={live} />,
  },
]

function board(name: BoardName, title: string, address: Address): ComponentChildren {
  return <BoardView key={name} name={name} title={title} address={address} />
}

function ingresses(address: Address, live: Live): ComponentChildren {
  const [, namespace, name] = address.path
  return namespace === undefined || name === undefined ? (
    <Ingresses address={address} live={live} />
  ) : (
    <IngressView key={`${namespace}/${name}`} namespace={namespace} name={name} live={live} />
  )
}

/** The frame of every view: where one is, where one can go, and whether the controller answers. */
export function Shell({
  first,
  onLogout,
}: {
  /** What is known before the first event. */
  readonly first: Overview | undefined
  readonly onLogout: () => void
}) {
  const address = useAddress()
  const live = useLive(first)
  const main = useRef<HTMLElement>(null)
  const here = address.path[0] ?? ''
  // A host is one of the routes.
  const marked = here === 'hosts' ? 'routes' : here
  // On narrow screens the links are a menu.
  const [isOpen, setOpen] = useState(false)
  const close = (): void => setOpen(false)
  const view = [...NOW, ...LOG, ...DETAILS].find(({ path }) => path === here)
  const title = view?.title ?? 'Not found'
  useEffect(() => {
    document.title = `${title} – Fairlead`
    main.current?.scrollTo(0, 0)
  }, [title])
  const { overview, connected } = live
  const problems = overview?.problems
  return (
    <div class="shell">
      <a class="skip" href="#main" onClick={(event) => (event.preventDefault(), main.current?.focus())}>
        To the content
      </a>
      <nav aria-label="Views" class={isOpen ? 'open' : ''}>
        <div class="brand">
          <img src="./icon.svg" alt="" width="26" height="26" />
          <span>Fairlead</span>
          <button type="button" class="menu" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            {isOpen ? 'Close' : 'Menu'}
          </button>
        </div>
        <div class="links">
          <Links views={NOW} here={marked} problems={problems} onGo={close} />
          <p class="group">Access log</p>
          <Links views={LOG} here={marked} onGo={close} />
          <div class="bottom">
            <ThemeChoice />
            <button type="button" onClick={() => void post('logout', {}).finally(onLogout)}>
              Log out
            </button>
          </div>
        </div>
      </nav>
      <main id="main" ref={main} tabIndex={-1}>
        {connected ? null : (
          <div class="alert" role="alert">
            The controller does not answer. What you see is from before; NGINX serves on without it. Trying again…
          </div>
        )}
        <Scope.Provider value={overview === undefined ? '' : scopeOf(overview)}>
          {view === undefined ? <p class="inset">There is no such view.</p> : view.show(address, live)}
        </Scope.Provider>
        <footer class="page-foot">
          {overview === undefined ? '' : `Fairlead ${overview.version} · ${overview.engine}`}
        </footer>
      </main>
    </div>
  )
}

function Links({
  views,
  here,
  problems,
  onGo,
}: {
  readonly views: readonly View[]
  readonly here: string
  readonly problems?: Overview['problems'] | undefined
  readonly onGo: () => void
}) {
  return (
    <ul>
      {views.map(({ path, title }) => (
        <li key={path}>
          <a href={linkTo([path])} aria-current={path === here ? 'page' : undefined} onClick={onGo}>
            {title}
            {path === 'problems' && problems !== undefined && problems.errors + problems.warnings > 0 ? (
              <Badge tone={problems.errors > 0 ? 'bad' : 'warn'}>{problems.errors + problems.warnings}</Badge>
            ) : null}
          </a>
        </li>
      ))}
    </ul>
  )
}

function ThemeChoice() {
  const [theme, setTheme] = useState<Theme>(readTheme())
  const choose = (value: string): void => {
    const chosen = value === 'light' || value === 'dark' ? value : 'system'
    setTheme(chosen)
    applyTheme(chosen)
  }
  return (
    <label class="theme">
      <select value={theme} onChange={(event) => choose(event.currentTarget.value)} aria-label="Colours">
        <option value="system">As the system</option>
        <option value="light">Light</option>
        <option value="dark">Dark</option>
      </select>
    </label>
  )
}
