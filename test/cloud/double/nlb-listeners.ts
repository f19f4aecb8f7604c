import type { Actions } from './actions.js'
import { page, settingsOf, unfold } from './nlb-answers.js'
import type { Listener, NlbStore } from './nlb-store.js'
import type { Parameters } from './parameters.js'
import { Refusal } from './refusal.js'

const LISTENERS_AT_MOST = 50

/** Listeners of NLB and their certificates. */
export function listenerActions(store: NlbStore): Actions {
  return {
    CreateListener: (given) => createListener(store, given),
    ListListeners: (given) => {
      const ids = given.list('LoadBalancerIds')
      const found = [...store.listeners.values()].filter(
        (one) => store.isVisible(one) && (ids.length === 0 || ids.includes(one.balancer)),
      )
      return page(given, 'Listeners', found.map(describeListener))
    },
    UpdateListenerAttribute: (given) => {
      const listener = store.readyListener(given)
      const { ListenerId: _, ...settings } = settingsOf(given.all())
      return changeListener(store, listener, () => {
        const lists = Object.keys(settings).map((name) => name.split('.')[0] ?? name)
        const kept = Object.entries(listener.settings).filter(([name]) => !lists.includes(name.split('.')[0] ?? name))
        listener.settings = { ...Object.fromEntries(kept), ...settings }
      })
    },
    StartListener: (given) => changeListener(store, store.readyListener(given), () => undefined),
    StopListener: (given) => {
      const listener = store.readyListener(given)
      listener.status = 'Configuring'
      return store.job(() => {
        listener.status = 'Stopped'
      })
    },
    DeleteListener: (given) => {
      const listener = store.readyListener(given)
      listener.status = 'Deleting'
      return store.job(() => store.listeners.delete(listener.id))
    },
    ListListenerCertificates: (given) => {
      const { settings, certificates } = store.listener(given.need('ListenerId'))
      const first = Object.entries(settings).filter(([name]) => name.startsWith('CertificateIds.'))
      const told = (CertificateId: string, IsDefault: boolean): object => ({
        CertificateId,
        IsDefault,
        Status: 'Associated',
      })
      return page(given, 'Certificates', [
        ...first.map(([, id]) => told(id, true)),
        ...[...certificates].map((id) => told(id, false)),
      ])
    },
    AssociateAdditionalCertificatesWithListener: (given) => {
      const listener = store.readyListener(given)
      const ids = given.list('AdditionalCertificateIds')
      if (ids.length > 15) throw new Refusal(400, 'InvalidParameter', 'At most 15 certificates in a call.')
      if (listener.certificates.size + ids.length > 25)
        throw new Refusal(400, 'QuotaExceeded.ListenerCertificates', 'At most 25 additional certificates.')
      return changeListener(store, listener, () => ids.forEach((id) => listener.certificates.add(id)))
    },
    DisassociateAdditionalCertificatesWithListener: (given) => {
      const listener = store.readyListener(given)
      const ids = given.list('AdditionalCertificateIds')
      if (ids.length > 15) throw new Refusal(400, 'InvalidParameter', 'At most 15 certificates in a call.')
      return changeListener(store, listener, () => ids.forEach((id) => listener.certificates.delete(id)))
    },
  }
}

function createListener(store: NlbStore, given: Parameters): object {
  const balancer = store.ready(given.need('LoadBalancerId'))
  const protocol = given.need('ListenerProtocol')
  if (!['TCP', 'UDP', 'TCPSSL'].includes(protocol))
    throw new Refusal(400, 'InvalidParameter.ListenerProtocol', protocol)
  if (protocol === 'TCPSSL' && given.list('CertificateIds').length === 0)
    throw new Refusal(400, 'MissingParameter.CertificateIds', 'A certificate is needed.')
  const group = store.group(given.need('ServerGroupId'))
  if (group.status !== 'Available') throw new Refusal(409, 'IncorrectStatus.serverGroup', `It is ${group.status}.`)
  const own = [...store.listeners.values()].filter((one) => one.balancer === balancer.id)
  if (own.length >= LISTENERS_AT_MOST)
    throw new Refusal(400, 'QuotaExceeded.LoadBalancerListenersNum', 'The instance has too many listeners.')
  const family = (name: string): string => (name === 'UDP' ? 'UDP' : 'TCP')
  const taken = own.some(
    ({ settings }) =>
      family(settings['ListenerProtocol'] ?? '') === family(protocol) &&
      settings['ListenerPort'] === given.text('ListenerPort') &&
      settings['StartPort'] === given.all()['StartPort'],
  )
  if (taken) throw new Refusal(409, 'ResourceAlreadyExist.Listener', 'There is a listener on the port.')
  const listener: Listener = {
    id: store.world.id('lsn'),
    balancer: balancer.id,
    settings: settingsOf(given.all()),
    status: 'Provisioning',
    certificates: new Set(),
    ...store.world.unseen(),
  }
  store.listeners.set(listener.id, listener)
  const { JobId } = store.job(() => {
    listener.status = 'Running'
  })
  return { ListenerId: listener.id, JobId }
}

function changeListener(store: NlbStore, listener: Listener, act: () => void): { readonly JobId: string } {
  listener.status = 'Configuring'
  return store.job(() => {
    act()
    listener.status = 'Running'
  })
}

function describeListener({ id, balancer, settings, status }: Listener): object {
  return { ...unfold(settings), ListenerId: id, LoadBalancerId: balancer, ListenerStatus: status }
}
