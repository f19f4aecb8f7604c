/**
 * When Lua collects its garbage. By default it does as soon as there is as much of it as there is live data, and each time it
 * walks all of that: with a small table this is a thirtieth of what a request costs.
 */

/** What may gather between two collections, if that is more than the live data. */
const SPARE_KILOBYTES = 16 * 1024

/** In percent of the live data, as Lua wants it; 200 is Lua's own. */
const LEAST = 200
const MOST = 1000

/** To be called now and then, since the live data grows with the hosts that are asked for. */
export function tuneCollector(): void {
  const pause = 100 + (100 * SPARE_KILOBYTES) / collectgarbage('count')
  collectgarbage('setpause', math.floor(math.max(LEAST, math.min(MOST, pause))))
}
