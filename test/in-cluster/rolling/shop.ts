import { readFileSync } from 'node:fs'
import { ingress } from '../installed.js'

export interface ShopOptions {
  readonly replicas: number
  /**
   * 2 s, in which the cluster learns that a pod goes; then its program finishes what is under way. Without: SIGKILL at
   * once.
   */
  readonly preStop: 'sleeps' | 'none'
  /** Of this machine; each pod writes its log there. */
  readonly logFolder: string
}

const file = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8')

/** backend.mjs as a Deployment, behind shop.test. */
export function shop({ replicas, preStop, logFolder }: ShopOptions): readonly object[] {
  const field = (name: string, fieldPath: string): object => ({ name, valueFrom: { fieldRef: { fieldPath } } })
  const container = {
    name: 'shop',
    image: 'fairlead.test/host:1',
    command: ['sh', '/app/backend.sh'],
    env: [
      field('POD_NAME', 'metadata.name'),
      field('POD_IP', 'status.podIP'),
      { name: 'SIGNAL', value: preStop === 'sleeps' ? 'TERM' : 'KILL' },
    ],
    readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
    ...(preStop === 'sleeps' ? { lifecycle: { preStop: { sleep: { seconds: 2 } } } } : {}),
    volumeMounts: [
      { name: 'usr', mountPath: '/usr', readOnly: true },
      { name: 'app', mountPath: '/app', readOnly: true },
      { name: 'log', mountPath: '/log' },
    ],
  }
  const volumes = [
    { name: 'usr', hostPath: { path: '/usr' } },
    { name: 'app', configMap: { name: 'shop' } },
    { name: 'log', hostPath: { path: logFolder } },
  ]
  const labels = { app: 'shop' }
  return [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'shop' },
      data: { 'backend.mjs': file('backend.mjs'), 'backend.sh': file('backend.sh') },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'shop' },
      spec: {
        replicas,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: { terminationGracePeriodSeconds: 30, containers: [container], volumes },
        },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'shop' },
      spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }] },
    },
    ingress('shop'),
  ]
}
