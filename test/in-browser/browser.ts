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

/** Keeps a picture in test-output/screenshots, of what is seen or of the whole view. */
export async function keepPicture(page: Page, name: string, part: 'seen' | 'whole' = 'seen'): Promise<void> {
  mkdirSync(output, { recursive: true })
  const before = page.viewportSize()
  if (part === 'whole' && before !== null) {
    const height = await page.locator('main').evaluate((main) => main.scrollHeight)
    await page.setViewportSize({ ...before, height: Math.max(before.height, height) })
    await page.screenshot({ path: `${output}/${name}.png` })
    return page.setViewportSize(before)
  }
  await page.screenshot({ path: `${output}/${name}.png` })
}
