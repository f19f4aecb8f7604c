import { existsSync, mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Debian's Chromium, or what FAIRLEAD_CHROMIUM names. */
export function findChromium(): string | undefined {
  const named = process.env['FAIRLEAD_CHROMIUM']
  return named ?? PLACES.find((place) => existsSync(place))
}

/** Nothing of it goes anywhere but to this machine. */
export async function startBrowser(): Promise<Browser> {
  const executablePath = findChromium()
  if (executablePath === undefined) throw new Error('There is no Chromium; test/in-browser/prepare installs one.')
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-quic', '--disable-background-networking', '--disable-component-update'],
  })
}

const output = fileURLToPath(new URL('../../test-output/screenshots', import.meta.url))

/** Keeps a picture of what is seen, in test-output/screenshots. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  mkdirSync(output, { recursive: true })
  await page.screenshot({ path: `${output}/${name}.png` })
}
