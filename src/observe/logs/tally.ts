import { createDistinct, countDistinct, mergeDistinct, type Distinct } from './distinct.js'
import { createSketch, mergePacked, mergeSketch, packSketch, quantileOf, type Sketch } from './sketch.js'
import type { Figure } from '../analytics.js'

/** What is added up of requests; joined by adding. */
export interface Counts {
  requests: number
  success: number
  notFound: number
  serverErrors: number
  notForwarded: number
  mobile: number
  android: number
  ios: number
  bytesSent: number
  requestBytes: number
  seconds: number
  timed: number
  upstreamSeconds: number
  upstreamTimed: number
}

/** Counts while they grow. */
export interface Tally extends Counts {
  latency: Sketch | undefined
  upstreamLatency: Sketch | undefined
  visitors: Distinct | undefined
}

/** Counts that are only kept: the sketches are packed, '' where there is none. */
export interface KeptTally extends Counts {
  latency: string
  upstreamLatency: string
  visitors: Distinct | undefined
}

export interface KeptRow {
  readonly values: readonly string[]
  readonly tally: KeptTally
}

export function createTally(): Tally {
  return {
    requests: 0,
    success: 0,
    notFound: 0,
    serverErrors: 0,
    notForwarded: 0,
    mobile: 0,
    android: 0,
    ios: 0,
    bytesSent: 0,
    requestBytes: 0,
    seconds: 0,
    timed: 0,
    upstreamSeconds: 0,
    upstreamTimed: 0,
    latency: undefined,
    upstreamLatency: undefined,
    visitors: undefined,
  }
}

export function latencyOf(tally: Tally): Sketch {
  return (tally.latency ??= createSketch())
}

export function upstreamLatencyOf(tally: Tally): Sketch {
  return (tally.upstreamLatency ??= createSketch())
}

export function visitorsOf(tally: Tally): Distinct {
  return (tally.visitors ??= createDistinct())
}

export function addCounts(into: Counts, from: Counts): void {
  into.requests += from.requests
  into.success += from.success
  into.notFound += from.notFound
  into.serverErrors += from.serverErrors
  into.notForwarded += from.notForwarded
  into.mobile += from.mobile
  into.android += from.android
  into.ios += from.ios
  into.bytesSent += from.bytesSent
  into.requestBytes += from.requestBytes
  into.seconds += from.seconds
  into.timed += from.timed
  into.upstreamSeconds += from.upstreamSeconds
  into.upstreamTimed += from.upstreamTimed
}

export function mergeTally(into: Tally, from: Tally): void {
  addCounts(into, from)
  if (from.latency !== undefined) mergeSketch(latencyOf(into), from.latency)
  if (from.upstreamLatency !== undefined) mergeSketch(upstreamLatencyOf(into), from.upstreamLatency)
  if (from.visitors !== undefined) mergeDistinct(visitorsOf(into), from.visitors)
}

/** @param parts which sketches are wanted; they are most of the work */
export function mergeKept(
  into: Tally,
  from: KeptTally,
  parts: { readonly latency: boolean; readonly upstream: boolean },
): void {
  addCounts(into, from)
  if (parts.latency) mergePacked(latencyOf(into), from.latency)
  if (parts.upstream) mergePacked(upstreamLatencyOf(into), from.upstreamLatency)
  if (from.visitors !== undefined) mergeDistinct(visitorsOf(into), from.visitors)
}

export function keepTally(tally: Tally, parts: { readonly times: boolean; readonly visitors: boolean }): KeptTally {
  const { latency, upstreamLatency, visitors, ...counts } = tally
  return {
    ...counts,
    latency: parts.times && latency !== undefined ? packSketch(latency) : '',
    upstreamLatency: parts.times && upstreamLatency !== undefined ? packSketch(upstreamLatency) : '',
    visitors: parts.visitors ? visitors : undefined,
  }
}

/** @param seconds how long the time is that the tally is of */
export function figureOf(figure: Figure, tally: Tally, seconds: number): number | null {
  const { requests } = tally
  const share = (count: number): number | null => (requests === 0 ? null : count / requests)
  switch (figure) {
    case 'requests':
      return requests
    case 'requestsPerSecond':
      return requests / seconds
    case 'visitors':
      return tally.visitors === undefined ? 0 : countDistinct(tally.visitors)
    case 'bytesSent':
      return tally.bytesSent
    case 'requestBytes':
      return tally.requestBytes
    case 'successShare':
      return share(tally.success)
    case 'errorShare':
      return share(requests - tally.success)
    case 'serverErrorShare':
      return share(tally.serverErrors)
    case 'serverErrors':
      return tally.serverErrors
    case 'notFoundShare':
      return share(tally.notFound)
    case 'notFound':
      return tally.notFound
    case 'notForwardedShare':
      return share(tally.notForwarded)
    case 'mobileShare':
      return share(tally.mobile)
    case 'androidShare':
      return share(tally.android)
    case 'iosShare':
      return share(tally.ios)
    case 'latencyAverage':
      return tally.timed === 0 ? null : tally.seconds / tally.timed
    case 'upstreamLatencyAverage':
      return tally.upstreamTimed === 0 ? null : tally.upstreamSeconds / tally.upstreamTimed
    case 'latencyP50':
    case 'latencyP90':
    case 'latencyP95':
    case 'latencyP99':
    case 'latencyP999':
    case 'latencyP9999':
      return tally.latency === undefined ? null : quantileOf(tally.latency, quantileIn(figure))
    case 'upstreamLatencyP50':
    case 'upstreamLatencyP90':
    case 'upstreamLatencyP95':
    case 'upstreamLatencyP99':
    case 'upstreamLatencyP999':
    case 'upstreamLatencyP9999':
      return tally.upstreamLatency === undefined ? null : quantileOf(tally.upstreamLatency, quantileIn(figure))
  }
}

/** `latencyP999` is 0.999. */
export function quantileIn(figure: string): number {
  return Number(`0.${figure.slice(figure.lastIndexOf('P') + 1)}`)
}
