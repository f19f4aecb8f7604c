import type { Values } from '../configmap/index.js'
import type { KeyProblem } from '../configmap/read.js'
import type { EngineAbilities } from '../features/declare.js'
import type { FrameChoices } from '../model/global-settings.js'

/** What HTTP/3 depends on besides the ConfigMap. */
export interface Http3Surroundings {
  readonly engine: Pick<EngineAbilities, 'http3'>
  /** Where NGINX listens for HTTPS. */
  readonly httpsPort: number
  /** Why NGINX cannot listen there with UDP, as the end of a sentence; undefined: nothing is known against it. */
  readonly portRefusal: string | undefined
}

export interface Http3 {
  readonly frame: FrameChoices
  /** Of the settings document. */
  readonly alternative: string | undefined
  /** It is asked for, and nothing but the port may be in its way. */
  readonly wanted: boolean
  readonly problems: readonly KeyProblem[]
}

/** For how long clients believe it (RFC 7838, 3.1): short, since who asks where nobody answers any more loses time. */
const MAX_AGE_SECONDS = 3600

/**
 * HTTP/3, whole or not at all: where it cannot be served it is left out of the frame, which NGINX would refuse, and
 * clients are told to forget it. They are told the same where the key says `false`; without the key they are told
 * nothing.
 */
export function http3Of(values: Values, frame: FrameChoices, surroundings: Http3Surroundings): Http3 {
  const { http3, ...rest } = frame
  if (http3 === undefined) return { frame: rest, alternative: undefined, wanted: false, problems: [] }
  if (!http3) return { frame: rest, alternative: 'clear', wanted: false, problems: [] }
  const unfit = whyUnfit(frame, surroundings)
  const refusal = unfit ?? surroundings.portRefusal
  if (refusal !== undefined) {
    const message = `There is no HTTP/3: ${refusal}.`
    const problems: readonly KeyProblem[] = [{ key: 'use-http3', kind: 'without effect', message }]
    return { frame: rest, alternative: 'clear', wanted: unfit === undefined, problems }
  }
  const port = values['http3-port'] ?? surroundings.httpsPort
  const alternative = `h3=":${port}"; ma=${MAX_AGE_SECONDS}`
  if (frame.sslEarlyData !== true) return { frame, alternative, wanted: true, problems: [] }
  const message =
    'It has no effect beside use-http3: early data is off, since it would hold for HTTP/3 too, where nothing tells a repeated request.'
  return {
    frame: { ...frame, sslEarlyData: false },
    alternative,
    wanted: true,
    problems: [{ key: 'ssl-early-data', kind: 'without effect', message }],
  }
}

function whyUnfit({ clientAddress, sslProtocols }: FrameChoices, { engine }: Http3Surroundings): string | undefined {
  if (!engine.http3) return 'this NGINX cannot serve it, for which it takes version 1.29.3 and --with-http_v3_module'
  if (clientAddress?.proxyProtocol === true)
    return 'with use-proxy-protocol every client would have the address of the load balancer, since QUIC knows no PROXY header'
  if (sslProtocols?.includes('TLSv1.3') === false) return 'it needs TLSv1.3, which ssl-protocols leaves out'
  return undefined
}
