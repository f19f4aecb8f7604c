import { hostName } from '../../hosts.js'
import { ask, until } from '../../rim/ask.js'

/** Waits until one of these endpoints answers for the host; gives the moment (`performance.now()`). */
export async function answeredBy(port: number, index: number, addresses: readonly string[]): Promise<number> {
  const isRight = async (): Promise<boolean> => {
    const { status, body } = await ask('http', port, hostName(index))
    return status === 200 && addresses.includes(body.split(' ')[0] ?? '')
  }
  await until(`the right answer for ${hostName(index)}`, isRight, 60, 1)
  return performance.now()
}

/** Waits until the host has no route. */
export async function isGone(port: number, index: number): Promise<void> {
  const answersNothing = async (): Promise<boolean> => (await ask('http', port, hostName(index))).status === 404
  await until(`no route for ${hostName(index)}`, answersNothing, 60)
}
