import type { HostDetail, LiveTraffic, RouteRow } from '../../observe/shown.js'
import { linkTo } from '../address.js'
import { get } from '../api.js'
import type { Live } from '../live.js'
import { Alert, Badge, Card, Empty, Figure, Heading } from '../ui/parts.js'
import { shareTone, shown } from '../ui/values.js'
import { useAnswer } from '../use-answer.js'
import { count, plural } from '../words.js'
import { MATCHES, Uncounted } from './routes.js'

/** One host: what it has to do now, and its routes. */
export function HostView({ name, live }: { readonly name: string; readonly live: Live }) {
  const { revision = 0, traffic } = live.overview ?? {}
  const looks = traffic?.kind === 'counted' ? traffic.looks : 0
  const { value, problem } = useAnswer(`${name} ${revision} ${looks}`, () =>
    get<HostDetail>(`hosts/${encodeURIComponent(name)}`),
  )
  return (
    <>
      <Heading title={name}>
        <a href={linkTo(['monitoring'], { host: name })}>its hour in the access log</a>
        <a href={linkTo(['routes'])}>all routes</a>
      </Heading>
      {problem === undefined ? null : <Alert>{problem}</Alert>}
      <Uncounted traffic={traffic} />
      {value === undefined ? null : (
        <>
          {traffic?.kind === 'counted' && traffic.limited === undefined ? <LiveFigures live={value.live} /> : null}
          <Card title="Routes" note={plural(value.routes.length + value.more, 'route')} wide>
            <HostRoutes routes={value.routes} />
            {value.more === 0 ? null : <p class="help note">And {count(value.more)} more; search for them.</p>}
          </Card>
        </>
      )}
    </>
  )
}

/** The last minute, as figures. */
export function LiveFigures({ live }: { readonly live: LiveTraffic | undefined }) {
  const { requestsPerSecond = 0, clientErrorShare = null, serverErrorShare = null } = live ?? {}
  return (
    <div class="figures">
      <Figure label="Requests a second" value={shown(requestsPerSecond, 'rate')} note="last minute" />
      <Figure
        label="5xx share"
        value={shown(serverErrorShare, 'share')}
        note="last minute"
        tone={shareTone(serverErrorShare)}
      />
      <Figure label="4xx share" value={shown(clientErrorShare, 'share')} note="last minute" />
      <Figure label="Average latency" value={shown(live?.latencyAverage ?? null, 'seconds')} note="last minute" />
      <Figure label="P95 latency" value={shown(live?.latencyP95 ?? null, 'seconds')} note="about; last minute" />
    </div>
  )
}

function HostRoutes({ routes }: { readonly routes: readonly RouteRow[] }) {
  if (routes.length === 0) return <Empty title="No routes" />
  return (
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th>Path</th>
            <th>Goes to</th>
            <th>Ingress</th>
            <th class="number">Ready</th>
            <TrafficHeads />
          </tr>
        </thead>
        <tbody>
          {routes.map(({ host, path, match, to, canary, ingress, endpoints, live }) => (
            <tr key={`${host} ${path} ${match}`}>
              <td>
                <code>{path}</code> <small>{MATCHES[match]}</small>
              </td>
              <td>
                {to} {canary === undefined ? null : <Badge tone="info">canary {canary}</Badge>}
              </td>
              <td>
                {ingress === undefined ? '–' : <a href={linkTo(['ingresses', ...ingress.split('/')])}>{ingress}</a>}
              </td>
              <td class="number">
                {endpoints === undefined ? '–' : <Badge tone={endpoints === 0 ? 'bad' : 'good'}>{endpoints}</Badge>}
              </td>
              <TrafficCells live={live} />
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

export function TrafficHeads() {
  return (
    <>
      <th class="number" title="Requests a second, of the last minute">
        Req/s
      </th>
      <th class="number" title="Part of the last minute's requests">
        5xx
      </th>
      <th class="number" title="Average of the last minute">
        Latency
      </th>
    </>
  )
}

export function TrafficCells({ live }: { readonly live: LiveTraffic | undefined }) {
  return (
    <>
      <td class="number">{live === undefined ? '–' : shown(live.requestsPerSecond, 'rate')}</td>
      <td class="number">
        <span class={`value ${shareTone(live?.serverErrorShare ?? null)}`}>
          {shown(live?.serverErrorShare ?? null, 'share')}
        </span>
      </td>
      <td class="number">{shown(live?.latencyAverage ?? null, 'seconds')}</td>
    </>
  )
}
