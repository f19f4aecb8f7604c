import type { Panel } from '../../observe/boards/panel.js'
import type { Overview, Timeline } from '../../observe/shown.js'
import { linkTo } from '../address.js'
import { get } from '../api.js'
import type { Live } from '../live.js'
import { Entries } from '../ui/entries.js'
import { PanelView } from '../ui/panel.js'
import { Badge, Card, Empty, Figure, Heading } from '../ui/parts.js'
import { useAnswer, useNow } from '../use-answer.js'
import { LiveFigures } from './host.js'
import { bytes, count, duration, fromNow, moment, plural } from '../words.js'

const DAY = 86_400_000

/** What is served, whether all is well, and what happened last. */
export function OverviewView({ live: { overview } }: { readonly live: Live }) {
  const now = useNow()
  const key = `${overview?.pushes ?? 0} ${overview?.reloads ?? 0} ${overview?.revision ?? 0}`
  const timeline = useAnswer(key, () => get<Timeline>('timeline'))
  if (overview === undefined) return <Heading title="Overview" />
  const { counts, problems, health } = overview
  return (
    <>
      <Heading title="Overview">
        <Badge tone={health.ready ? 'good' : 'bad'}>
          {health.ready ? 'ready' : health.stopping ? 'stopping' : 'not ready'}
        </Badge>
      </Heading>
      <p class={health.ready ? 'lead' : 'lead bad'}>{health.reason}</p>
      <Requests traffic={overview.traffic} />
      <div class="figures">
        <Figure
          label="Hosts"
          value={count(counts.hosts)}
          note={plural(counts.ingresses, 'Ingress', 'Ingresses')}
          href={linkTo(['routes'])}
        />
        <Figure
          label="Endpoints"
          value={count(counts.endpoints)}
          note={`${plural(counts.upstreams, 'upstream')}, ${plural(counts.services, 'Service')}`}
          href={linkTo(['ingresses'])}
        />
        <Figure
          label="Problems"
          value={count(problems.errors + problems.warnings)}
          note={`${plural(problems.errors, 'error')}, ${plural(problems.warnings, 'warning')}`}
          tone={problems.errors > 0 ? 'bad' : problems.warnings > 0 ? 'warn' : 'good'}
          href={linkTo(['problems'])}
        />
        <Figure
          label="Certificates"
          value={count(counts.certificates)}
          note={expiryNote(overview, now)}
          tone={expiryTone(overview, now)}
          href={linkTo(['certificates'])}
        />
        <Figure
          label="Revision of the table"
          value={count(overview.revision)}
          note={`${plural(overview.pushes, 'push', 'pushes')} since the start`}
          href={linkTo(['timeline'])}
        />
        <Figure
          label="Reloads"
          value={count(overview.reloads)}
          note={
            overview.lastReload === undefined
              ? 'none since the start'
              : `the last ${fromNow(overview.lastReload.at, now)}`
          }
          href={linkTo(['timeline'])}
        />
        <Figure
          label="Controller"
          value={bytes(overview.memory)}
          note={`up for ${duration((now - overview.startedAt) / 1000)}`}
        />
        <Figure
          label="NGINX"
          value={overview.nginx === undefined ? 'none runs' : 'runs'}
          note={overview.nginx === undefined ? overview.engine : `${overview.engine}, process ${overview.nginx}`}
          tone={overview.nginx === undefined ? 'bad' : 'plain'}
        />
      </div>
      <Card title="Latest changes" note={<a href={linkTo(['timeline'])}>all of them</a>} wide>
        {timeline.value === undefined || timeline.value.entries.length === 0 ? (
          <Empty title="Nothing has changed">
            Since the controller started at {moment(overview.startedAt)}, NGINX was told nothing new.
          </Empty>
        ) : (
          <Entries entries={timeline.value.entries.slice(0, 6)} now={now} />
        )}
      </Card>
    </>
  )
}

/** All requests of the last minute, and the last ten of them as curves. */
function Requests({ traffic }: { readonly traffic: Overview['traffic'] }) {
  const looks = traffic.kind === 'counted' ? traffic.looks : 0
  const { value } = useAnswer(`${looks}`, () => get<{ readonly panels: readonly Panel[] }>('traffic'))
  if (traffic.kind === 'none') return <p class="note">{traffic.reason}</p>
  return (
    <>
      <LiveFigures live={traffic.all} />
      {value === undefined || value.panels.length === 0 ? null : (
        <div class="panels">
          {value.panels.map((panel) => (
            <PanelView panel={panel} key={panel.title} />
          ))}
        </div>
      )}
    </>
  )
}

function expiryNote({ nextExpiry }: Overview, now: number): string {
  if (nextExpiry === undefined) return 'only the default one'
  const word = nextExpiry.at < now ? 'expired' : 'the first ends'
  return `${word} ${fromNow(nextExpiry.at, now)}`
}

function expiryTone({ nextExpiry }: Overview, now: number): 'bad' | 'warn' | 'plain' {
  if (nextExpiry === undefined) return 'plain'
  if (nextExpiry.at < now) return 'bad'
  return nextExpiry.at < now + 10 * DAY ? 'warn' : 'plain'
}
