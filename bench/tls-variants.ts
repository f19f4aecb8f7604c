import { type KubernetesObject, authority } from './manifests.js'
import { count, type Ratio, type Variant } from './scenarios.js'

/** New TLS connections per CPU second, 0.9 and 0.85 of plain NGINX's at least: so much more CPU time for each at most. */
const GOALS = [
  { hosts: 1, goal: { atMost: 1 / 0.9, aim: 1 / 0.9 } },
  { hosts: 5_000, goal: { atMost: 1 / 0.85, aim: 1 / 0.85 } },
] as const

/** Tables in which each host has a certificate of its own, as many in plain NGINX. */
export const certificateVariants: readonly Variant[] = GOALS.flatMap(({ hosts }): readonly Variant[] => {
  const own = hosts === 1 ? '1 certificate' : `${count(hosts)} certificates`
  return [
    { id: `plain-certificates-${hosts}`, label: `plain NGINX, ${own}`, engine: 'plain', hosts, certificates: 'each' },
    {
      id: `fairlead-certificates-${hosts}`,
      label: `Fairlead, ${own}`,
      engine: 'fairlead',
      hosts,
      certificates: 'each',
    },
  ]
})

export const certificateRatios: readonly Ratio[] = GOALS.map(({ hosts, goal }) => ({
  id: `certificates-${hosts}`,
  what: `Fairlead against plain NGINX, ${count(hosts)} certificate${hosts === 1 ? '' : 's'}`,
  over: `fairlead-certificates-${hosts}`,
  under: `plain-certificates-${hosts}`,
  goal,
}))

const PEOPLE = 'people'
const PLAIN: Variant = { id: 'clients-plain', label: 'plain route over TLS', engine: 'fairlead', hosts: 1 }

/** A host that asks clients for certificates, against one that does not; the clients have one either way. */
export const clientVariants: readonly Variant[] = [
  PLAIN,
  { ...PLAIN, id: 'clients-plain-again', label: 'the same once more' },
  {
    ...PLAIN,
    id: 'clients-verified',
    label: 'client certificates, verified',
    annotations: { 'nginx.ingress.kubernetes.io/auth-tls-secret': `bench/${PEOPLE}` },
    changesRequest: true,
    more: ({ clientAuthority = '' }): readonly KubernetesObject[] => [authority(PEOPLE, clientAuthority)],
  },
]

export const clientRatios: readonly Ratio[] = [
  { id: 'noise', what: 'plain route against itself (noise)', over: 'clients-plain-again', under: PLAIN.id },
  {
    id: 'verified',
    what: 'client certificates, against the plain route over TLS',
    over: 'clients-verified',
    under: PLAIN.id,
    goal: { atMost: 1.15, aim: 1.15 },
  },
]
