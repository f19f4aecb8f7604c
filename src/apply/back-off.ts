const FIRST_MILLISECONDS = 30_000

/** How long what failed waits until it is tried again: half a minute, and each time twice as long as before. */
export function nextPause(before: number | undefined, longest: number): number {
  return before === undefined ? FIRST_MILLISECONDS : Math.min(before * 2, longest)
}
