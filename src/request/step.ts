import type { UpstreamDocument } from '../model/documents.js'
import type { HostFeatures, RouteFeatures, UpstreamFeatures } from '../model/features.js'
import type { Table } from '../model/table.js'
import type { WorkedUpstream } from '../model/worked-upstream.js'
import type { Asked, Passage } from './passage.js'
import type { ActingPort, ChoicePort, EndingPort, HostPort, RequestPort, ResponsePort } from './port.js'

/** An answer that ends a request before it reaches a backend. */
export type Verdict = (
  | { readonly kind: 'redirect'; readonly status: number; readonly location: string }
  /** Below 400: an answer without a body. From 400 on: NGINX's own page, unless there is a `body` of plain text. */
  | { readonly kind: 'answer'; readonly status: number; readonly body?: string | undefined }
) & {
  /** Sent with it. */
  readonly headers?: readonly (readonly [name: string, value: string | readonly string[]])[]
}

/** What ends the look at a host. */
export type HostVerdict =
  | Verdict
  /** The request is answered with another path and query of the host; only for one without a body. */
  | { readonly kind: 'page'; readonly target: string }

/** What a check of access comes to. */
export type Access = 'granted' | Verdict

/** A family's part in the way of a request whose route uses it. */
export interface RouteStep<Port, Result> {
  readonly family: keyof RouteFeatures
  readonly run: (this: void, passage: Passage, port: Port) => Result
}

/** A family's part in the head of an answer. */
export interface ResponseStep extends RouteStep<ResponsePort, void> {
  /**
   * Whether it is known before there is an answer that the step will have nothing to do to it; it costs a request much
   * to come to where steps see its answer. Absent: it is never known.
   */
  readonly isIdle?: (this: void, passage: Passage, request: RequestPort) => boolean
}

/** A family's part in every request of a host that uses it, before a path is chosen: an answer, or nothing. */
export interface HostStep {
  readonly family: keyof HostFeatures
  readonly run: (this: void, features: HostFeatures, asked: Asked, request: HostPort) => HostVerdict | undefined
}

/** A family's say in which upstream serves a request; undefined: the one it has. */
export interface EndpointStep {
  /** Of the route or its upstream; a step that is not used says nothing. */
  readonly family: keyof RouteFeatures | keyof UpstreamFeatures
  readonly run: (
    this: void,
    passage: Passage,
    upstream: UpstreamDocument,
    request: RequestPort,
    table: Table,
  ) => UpstreamDocument | undefined
}

/** A request's tries so far. */
export interface Tries {
  /** Failed tries; 0 in the first. */
  readonly failures: number
  /** Whether an endpoint failed in this request, or is known to be out of reach. */
  readonly avoid: (this: void, position: number) => boolean
}

/** A family's say in which endpoint of the upstream a try goes to; undefined: it has none. */
export interface ChoiceStep {
  readonly family: keyof UpstreamFeatures
  readonly run: (
    this: void,
    upstream: WorkedUpstream,
    passage: Passage,
    tries: Tries,
    port: ChoicePort,
  ) => number | undefined
}

/** Which step of which family comes when (annotations.md section 0.4); `edge/order.ts` is the one instance. */
export interface Order {
  /** Before the path is chosen. */
  readonly host: readonly HostStep[]
  /** After the path is chosen and before the redirect to HTTPS: an answer, or nothing. */
  readonly path: readonly RouteStep<RequestPort, Verdict | undefined>[]
  /** Where the route's upstream says so: another in its place. */
  readonly endpoint: readonly EndpointStep[]
  /** For each try, in the balancer: the first step that has a position decides; without one endpoints have turns. */
  readonly choice: readonly ChoiceStep[]
  /** Once it is known where the request goes, in NGINX only: what nobody gets around. An answer ends it. */
  readonly entry: readonly RouteStep<ActingPort, Verdict | undefined>[]
  /** Who may come in (SAT-1): those that a route uses have to be passed all, or one where it says so. */
  readonly access: readonly RouteStep<ActingPort, Access | undefined>[]
  /** After that: what is sent. An answer ends it. */
  readonly proxy: readonly RouteStep<ActingPort, Verdict | undefined>[]
  /**
   * Once a request is over, whoever ended it; only where a step has called `awaitEnd`. The request can be read, not
   * changed.
   */
  readonly end: readonly RouteStep<EndingPort, void>[]
  /** The head of an answer, whoever made it. */
  readonly response: readonly ResponseStep[]
}

/** A step that is handed its family's settings. */
export function routeStep<Family extends keyof RouteFeatures, Port, Result>(
  family: Family,
  run: (this: void, settings: NonNullable<RouteFeatures[Family]>, passage: Passage, port: Port) => Result | undefined,
): RouteStep<Port, Result | undefined> {
  return {
    family,
    run: (passage, port) => {
      const settings = passage.route.features?.[family]
      return settings === undefined ? undefined : run(settings, passage, port)
    },
  }
}

/** A step for answers of which it may be known that it has nothing to do. */
export function idleStep<Family extends keyof RouteFeatures>(
  family: Family,
  run: (this: void, settings: NonNullable<RouteFeatures[Family]>, passage: Passage, port: ResponsePort) => void,
  isIdle: NonNullable<ResponseStep['isIdle']>,
): ResponseStep {
  const step = routeStep(family, run)
  return { family, run: step.run, isIdle }
}

/** A step that is handed its family's settings of the host. */
export function hostStep<Family extends keyof HostFeatures>(
  family: Family,
  run: (
    this: void,
    settings: NonNullable<HostFeatures[Family]>,
    asked: Asked,
    request: HostPort,
  ) => HostVerdict | undefined,
): HostStep {
  return {
    family,
    run: (features, asked, request) => {
      const settings = features[family]
      return settings === undefined ? undefined : run(settings, asked, request)
    },
  }
}
