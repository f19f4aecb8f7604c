import type { ComponentChildren } from 'preact'
import type { IngressDetail } from '../../observe/shown.js'
import { linkTo } from '../address.js'
import { get } from '../api.js'
import type { Live } from '../live.js'
import { Alert, Badge, Card, Empty, Heading } from '../ui/parts.js'
import { ProblemList } from '../ui/problem-list.js'
import { useAnswer } from '../use-answer.js'
import { moment } from '../words.js'
import { TrafficCells, TrafficHeads } from './host.js'

interface Named {
  readonly namespace: string
  readonly name: string
  readonly live: Live
}

/** Everything that is known of one Ingress (ack.md 8.2). */
export function IngressView({ namespace, name, live }: Named) {
  const path = `ingresses/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`
  const traffic = live.overview?.traffic
  const looks = traffic?.kind === 'counted' ? traffic.looks : 0
  const answered = useAnswer(`${path} ${live.overview?.revision ?? 0} ${looks}`, () => get<IngressDetail>(path))
  const detail = answered.value
  return (
    <>
      <Heading title={`${namespace}/${name}`}>
        <a href={linkTo(['ingresses'])}>all Ingresses</a>
      </Heading>
      {answered.problem === undefined ? null : <Alert>{answered.problem}</Alert>}
      {detail === undefined ? null : <Detail detail={detail} />}
    </>
  )
}

function Detail({ detail }: { readonly detail: IngressDetail }) {
  const { labels, annotations, tls, problems, canary } = detail
  return (
    <>
      <div class="cards">
        <Card title="Basic information">
          <dl class="facts">
            <Fact name="Class">{detail.class || '–'}</Fact>
            <Fact name="Address">{detail.addresses.join(', ') || '–'}</Fact>
            <Fact name="Created">{detail.createdAt === undefined ? '–' : moment(detail.createdAt)}</Fact>
            {detail.file === undefined ? null : <Fact name="File">{detail.file}</Fact>}
            {canary === undefined ? null : <Fact name="Canary by">{canary}</Fact>}
            <Fact name="TLS">
              {tls.length === 0
                ? 'none'
                : tls
                    .map(
                      ({ hosts, secret }) =>
                        `${hosts.join(', ') || 'all hosts'} by ${secret || 'the default certificate'}`,
                    )
                    .join('; ')}
            </Fact>
            <Fact name="Labels">
              {labels.length === 0 ? 'none' : labels.map(([key, value]) => `${key}=${value}`).join(', ')}
            </Fact>
          </dl>
        </Card>
        <Card title="Annotations" note={String(annotations.length)}>
          {annotations.length === 0 ? (
            <Empty title="No annotations" />
          ) : (
            <dl class="facts code">
              {annotations.map(([key, value]) => (
                <Fact name={key} key={key}>
                  {value}
                </Fact>
              ))}
            </dl>
          )}
        </Card>
      </div>
      <Card title="Rules" wide>
        <Rules detail={detail} />
      </Card>
      <Card title="Problems" wide>
        {problems.length === 0 ? (
          <Empty title="None">All of it is served as it says.</Empty>
        ) : (
          <ProblemList problems={problems} />
        )}
      </Card>
    </>
  )
}

function Rules({ detail }: { readonly detail: IngressDetail }) {
  return (
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th>Domain</th>
            <th>Path</th>
            <th>Service</th>
            <th>Endpoints</th>
            <th>Canary beside it</th>
            <TrafficHeads />
          </tr>
        </thead>
        <tbody>
          {detail.rules.map(({ host, path, pathType, service, endpoints, canary, live }) => (
            <tr key={`${host} ${path} ${pathType} ${service}`}>
              <td>{host === '' || host === '_' ? 'any' : <a href={linkTo(['hosts', host])}>{host}</a>}</td>
              <td>
                <code>{path}</code> <small>{pathType}</small>
              </td>
              <td>{service}</td>
              <td>{endpoints.length === 0 ? <Badge tone="bad">none</Badge> : endpoints.join(', ')}</td>
              <td>{canary ?? '–'}</td>
              <TrafficCells live={live} />
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
