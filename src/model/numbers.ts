/** Whether a short list holds a number. */
export function contains(list: readonly number[], number: number): boolean {
  for (const one of list) if (one === number) return true
  return false
}
