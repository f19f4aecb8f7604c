/** What FAIRLEAD_SEED names, to see a failure again; undefined: every run is another one. */
export const givenSeed = read()

/** The seed of tests with random input that say it when they fail. */
export const seed = givenSeed ?? Date.now() % 1_000_000_000

function read(): number | undefined {
  const text = process.env['FAIRLEAD_SEED']
  if (text === undefined) return undefined
  if (!/^\d{1,9}$/.test(text)) throw new Error(`FAIRLEAD_SEED is a whole number, and not ${text}`)
  return Number(text)
}
