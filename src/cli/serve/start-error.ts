/** A start that cannot succeed: the sentence says why and what to do. Exit code 2. */
export class StartError extends Error {}

/** Throws when there is a sentence why not. */
export function refuse(problem: string | undefined): void {
  if (problem !== undefined) throw new StartError(problem)
}
