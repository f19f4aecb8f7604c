import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ingress, writeObjects } from '../serve/manifests.js'
import { keepPicture, startBrowser } from './browser.js'
import { sendTo, sendTraffic, writePast } from './traffic.js'
import { HOSTILE, MANY_HOSTS, startWorld, type World } from './world.js'

const PATIENCE = 60_000

let world: World
let browser: Browser
let context: BrowserContext
let page: Page
/** What the page complained of, and every place it asked for something. */
const complaints: string[] = []
const asked = new Set<string>()

beforeAll(async () => {
  world = await startWorld()
  browser = await startBrowser()
  context = await browser.newContext({ viewport: { width: 1280, height: 820 }, colorScheme: 'light' })
  context.setDefaultTimeout(PATIENCE)
  page = await open(context)
})

afterAll(async () => {
  await browser?.close()
  await world?.end()
})

async function open(of: BrowserContext): Promise<Page> {
  const opened = await of.newPage()
  opened.on('pageerror', ({ message }) => complaints.push(message))
  opened.on('dialog', (dialog) => {
    complaints.push(`dialog ${dialog.message()}`)
    void dialog.dismiss()
  })
  opened.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  opened.on('request', (request) => asked.add(new URL(request.url()).host))
  await opened.goto(world.url)
  await opened.getByRole('heading', { name: 'Overview' }).waitFor()
  await opened.getByText('ready', { exact: true }).waitFor()
  return opened
}

async function go(name: string): Promise<void> {
  const menu = page.getByRole('button', { name: 'Menu' })
  if (await menu.isVisible()) await menu.click()
  await page.getByRole('navigation').getByRole('link', { name }).click()
  await page.getByRole('heading', { level: 1, name }).waitFor()
}

describe('the page', () => {
  test('opens with the URL that serve prints, and the token does not stay in it', async () => {
    expect(page.url()).toBe(`http://127.0.0.1:${world.admin}/#/`)
    await page
      .getByText((MANY_HOSTS + 7).toLocaleString('en'), { exact: true })
      .first()
      .waitFor()
    await keepPicture(page, 'overview-light')
  })

  test('without a token it asks for one, says when it is wrong, and opens when it is right', async () => {
    const other = await browser.newContext()
    other.setDefaultTimeout(PATIENCE)
    const stranger = await other.newPage()
    await stranger.goto(`http://127.0.0.1:${world.admin}/`)
    await stranger.getByLabel('Token').fill('wrong')
    await stranger.getByRole('button').click()
    await stranger.getByText('The token is not accepted.').waitFor()
    await keepPicture(stranger, 'login')
    await stranger.getByLabel('Token').fill(world.token)
    await stranger.keyboard.press('Enter')
    await stranger.getByRole('heading', { name: 'Overview' }).waitFor()
    await stranger.getByRole('button', { name: 'Log out' }).click()
    await stranger.getByLabel('Token').waitFor()
    await other.close()
  })

  test('shows a change without being asked, with what was pushed', async () => {
    writeObjects(world.program.manifests, 'later', [ingress('later', 'later.example.com', 'front')])
    await page.getByText('host later.example.com').waitFor()
    await go('Changes')
    await page.getByText('host later.example.com').first().waitFor()
    await keepPicture(page, 'changes-light')
  })
})

describe('routes', () => {
  test('of thousands only those in sight are in the document; the end is a scroll away', async () => {
    await go('Routes')
    const table = page.getByRole('table', { name: 'Routes' })
    await table.getByText('site-0001.example.com', { exact: true }).waitFor()
    expect(await table.getByRole('row').count()).toBeLessThan(80)
    await keepPicture(page, 'routes-light')
    await page.locator('.long-table .body').evaluate((element) => (element.scrollTop = element.scrollHeight))
    await table.getByText('unsigned.example.com', { exact: true }).waitFor()
  })

  test('are searched on the server, and lead to their Ingress and to an explanation', async () => {
    await go('Routes')
    await page.getByRole('searchbox').fill('site-1234')
    await page.getByText('1 in all').waitFor()
    expect(page.url()).toContain('search=site-1234')
    await page.getByRole('link', { name: 'test/site-1234' }).click()
    await page.getByRole('heading', { name: 'test/site-1234' }).waitFor()
    await page.goBack()
    await page.getByRole('link', { name: 'explain site-1234.example.com/' }).click()
    await page.getByText('goes to Service test/sites/80').waitFor()
  })

  test('a path that would be HTML is shown as text', async () => {
    await go('Routes')
    await page.getByRole('searchbox').fill('hostile')
    await page.getByText(HOSTILE, { exact: true }).waitFor()
    await go('Ingresses')
    await page.getByRole('searchbox').fill('hostile')
    await page.getByRole('link', { name: 'hostile', exact: true }).click()
    await page.getByText('<script>alert(2)</script>', { exact: true }).waitFor()
    await page.getByText(HOSTILE, { exact: true }).waitFor()
    await keepPicture(page, 'hostile-light')
    expect(await page.locator('img[src="x"], main script').count()).toBe(0)
  })
})

test('an Ingress: rules, canary, certificate, annotations', async () => {
  await go('Ingresses')
  await page.getByRole('searchbox').fill('shop')
  await page.getByText('2 in all').waitFor()
  await keepPicture(page, 'ingresses-light')
  await page.getByRole('link', { name: 'shop', exact: true }).click()
  await page.getByText('shop.example.com by shop-tls').waitFor()
  await page.getByText('test/front-next/80 (header X-Canary, then weight 20 of 100)').first().waitFor()
  await page.getByText('nginx.ingress.kubernetes.io/limit-rps').waitFor()
  await keepPicture(page, 'ingress-light')
})

test('problems by object, errors first, with how to put them right', async () => {
  await go('Problems')
  await page.getByText('There is no Service test/nowhere. Requests get 503.').waitFor()
  const objects = await page.locator('.problem-groups h2').allInnerTexts()
  expect(objects.map((text) => text.replace(/\s+/g, ' '))).toEqual([
    'Ingress test/lost',
    'Ingress test/unsigned',
    'Ingress test/slow',
  ])
  await keepPicture(page, 'problems-light')
  await page.getByLabel('Severity').selectOption('warning')
  await page.getByText('There is no Service test/nowhere').waitFor({ state: 'detached' })
  await page.getByText('A value that works: "120".').waitFor()
})

test('certificates, the one that ends first before the others', async () => {
  await go('Certificates')
  await page.getByText('shop.example.com, www.shop.example.com').waitFor()
  await page.getByText('self-signed').waitFor()
  await keepPicture(page, 'certificates-light')
})

test('alerts: rules with their state, what is left out of the file and why, channels, silences', async () => {
  await go('Alerts')
  const row = (name: string) => page.getByRole('row').filter({ has: page.getByText(name, { exact: true }) })
  await row('mistakes').first().getByText('firing', { exact: true }).waitFor()
  await row('slow').getByText('latencyAverage above 3600 s (last 2m)').waitFor()
  await page.getByText('rule "unreadable", rules[3].above (line 1): above has to be a time').waitFor()
  await row('certificates').getByText('silenced until').waitFor()
  await page.getByText(HOSTILE).first().waitFor()
  await row('hook').getByText('ECONNREFUSED').waitFor()
  expect(await page.content()).not.toContain('s3cret-of-the-url')
  await keepPicture(page, 'alerts-light', 'whole')
})

test('an explanation is drawn step by step, by the keyboard alone, and a link to it answers the same', async () => {
  await go('Explain')
  await page.getByLabel('URL').focus()
  await page.keyboard.type('https://shop.example.com/cart/7')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Tab')
  await page.keyboard.type('X-Canary: always')
  await page.getByRole('button', { name: 'Explain' }).focus()
  await page.keyboard.press('Enter')
  const result = page.locator('.steps .end p')
  await result.getByText('goes to Service test/front-next/80').waitFor()
  const names = await page.locator('.steps h3').allInnerTexts()
  expect(names.slice(0, 5)).toEqual(['asked', 'request', 'TLS', 'host', 'path'])
  expect(names).toContain('not taken')
  await keepPicture(page, 'explain-light')
  await page.reload()
  await result.getByText('goes to Service test/front-next/80').waitFor()
  await page.getByLabel('URL').fill('nonsense')
  await page.keyboard.press('Enter')
  await page.getByText('is not a URL such as').waitFor()
})

describe('boards over the access log', () => {
  let sent = 0

  test('before the first line they say so', async () => {
    await go('Traffic')
    await page.getByText('No line of the access log yet').waitFor()
    writePast(world, Date.now())
    sent = await sendTraffic(world)
  })

  /** A number of a panel, by its label. */
  const figure = (panel: string, label: string) =>
    page
      .locator('.card')
      .filter({ has: page.getByRole('heading', { name: panel, exact: true }) })
      .locator('.number')
      .filter({ has: page.getByText(label, { exact: true }) })
      .locator('.value')

  test('traffic: every request that was sent is counted; the curve has its table', async () => {
    await page.getByRole('heading', { name: 'PV trend' }).waitFor()
    await expect
      .poll(async () => number(await figure('Day', 'PV').innerText()), { timeout: PATIENCE })
      .toBeGreaterThan(sent)
    expect(await page.locator('.chart canvas').count()).toBe(2)
    for (const summary of await page.locator('.as-table summary').all()) {
      await summary.click()
      await page.getByRole('columnheader', { name: 'a day before' }).waitFor()
      await summary.click()
    }
    await page.getByText('site-0001.example.com/basket').first().waitFor()
    await keepPicture(page, 'board-traffic-light', 'whole')
  })

  test('access: browsers and clients', async () => {
    await go('Access')
    await page.getByRole('cell', { name: 'Firefox' }).waitFor()
    await page.getByRole('cell', { name: '127.0.0.1' }).waitFor()
    await page.getByText('there is no database of places').waitFor()
    await keepPicture(page, 'board-access-light', 'whole')
  })

  test('monitoring: of all hosts, and of one', async () => {
    await go('Monitoring')
    const top = page.getByRole('cell', { name: 'test-nowhere-80' }).first()
    await top.waitFor()
    await keepPicture(page, 'board-monitoring-light', 'whole')
    await page.getByLabel('Host').fill('api.example.com')
    await top.waitFor({ state: 'detached' })
    await page.getByRole('cell', { name: 'api.example.com' }).waitFor()
    expect(page.url()).toContain('host=api.example.com')
  })

  test('blue/green: the main Service and its canary', async () => {
    await go('Blue/green')
    await page.getByText('Choose two Services above').waitFor()
    await chooseServices()
    await page.getByRole('cell', { name: 'P999 latency' }).waitFor()
    await keepPicture(page, 'board-blue-green-light', 'whole')
  })

  test('exceptions: the minute in which a Service failed is marked', async () => {
    await go('Exceptions')
    await page
      .getByText(/5xx share: \d+ deviations above what is usual/)
      .first()
      .waitFor()
    await keepPicture(page, 'board-exceptions-light', 'whole')
    await page.getByLabel('Compared with').selectOption('season')
    await page.getByText('the same hour on the 14 days before').waitFor()
    await page.getByRole('heading', { name: '5xx share' }).waitFor()
    await page.locator('.legend').getByText('usual').first().waitFor()
    expect(page.url()).toContain('kind=season')
    await keepPicture(page, 'board-exceptions-season-light', 'whole')
  })

  test('routes: what each had to do in the last minute, most requests first, by the keyboard; and a host of them', async () => {
    await go('Routes')
    await page.getByRole('searchbox').fill('')
    const head = page.getByRole('columnheader', { name: 'Req/s' })
    await head.getByRole('button').focus()
    await page.keyboard.press('Enter')
    await page.locator('[aria-sort="descending"]').getByText('Req/s').waitFor()
    expect(page.url()).toContain('order=rate')
    const first = page.locator('.long-table .body .row').first()
    await expect
      .poll(
        async () => {
          await sendTo(world, 'site-4242.example.com', 100)
          return first.innerText()
        },
        { timeout: PATIENCE, interval: 1_000 },
      )
      .toMatch(/^site-4242\.example\.com\n[^–]*$/)
    await keepPicture(page, 'routes-by-rate-light')
    await first.getByRole('link', { name: 'site-4242.example.com', exact: true }).click()
    await page.getByRole('heading', { level: 1, name: 'site-4242.example.com' }).waitFor()
    await page.getByRole('cell', { name: 'test/sites/80' }).waitFor()
    const rate = page.locator('.figure').filter({ hasText: 'Requests a second' }).locator('.value')
    expect(Number(await rate.innerText())).toBeGreaterThan(0)
    await keepPicture(page, 'host-light')
    await page.getByRole('link', { name: 'its hour in the access log' }).click()
    await page.getByRole('heading', { level: 1, name: 'Monitoring' }).waitFor()
    await page.getByRole('cell', { name: 'site-4242.example.com' }).waitFor()
    await go('Overview')
    await page.getByRole('heading', { name: 'Latency' }).waitFor()
    await keepPicture(page, 'overview-live-light', 'whole')
  })

  test('a path and a user agent that would be HTML are counted and stay text', async () => {
    await go('Access')
    await page.getByRole('cell', { name: '127.0.0.1' }).waitFor()
    await go('Traffic')
    await page.getByRole('heading', { name: 'PV trend' }).waitFor()
    expect(await page.locator('img[src="x"], main script').count()).toBe(0)
  })
})

async function chooseServices(): Promise<void> {
  await page.getByLabel('Service A').selectOption('test-front-80')
  await page.getByLabel('Service B').selectOption('test-front-next-80')
  await page.getByRole('columnheader', { name: 'B test-front-next-80' }).waitFor()
}

function number(text: string): number {
  return Number(text.replaceAll(',', ''))
}

describe('other screens', () => {
  test('dark, by the system and by choice', async () => {
    await go('Overview')
    const colour = () => page.evaluate<string>('getComputedStyle(document.body).backgroundColor')
    const light = await colour()
    await page.getByLabel('Colours').selectOption('dark')
    const dark = await colour()
    expect(dark).not.toBe(light)
    for (const name of [
      'Overview',
      'Routes',
      'Problems',
      'Explain',
      'Traffic',
      'Access',
      'Monitoring',
      'Blue/green',
      'Exceptions',
    ]) {
      await go(name)
      await page.locator('.figures, .body .row, .problem-list, .ask, .panels').first().waitFor()
      if (name === 'Blue/green') await chooseServices()
      await keepPicture(page, `${name.toLowerCase().replace('/', '-')}-dark`, 'whole')
    }
    await page.getByLabel('Colours').selectOption('system')
    await page.emulateMedia({ colorScheme: 'dark' })
    expect(await colour()).toBe(dark)
    await page.emulateMedia({ colorScheme: 'light' })
  })

  test('narrow: nothing is wider than the screen', async () => {
    await page.setViewportSize({ width: 360, height: 780 })
    await page.getByRole('button', { name: 'Menu' }).click()
    await page.getByRole('link', { name: 'Blue/green' }).waitFor()
    await keepPicture(page, 'menu-narrow')
    await page.getByRole('button', { name: 'Close' }).click()
    for (const name of [
      'Overview',
      'Routes',
      'Ingresses',
      'Problems',
      'Certificates',
      'Alerts',
      'Changes',
      'Explain',
      'Traffic',
      'Access',
      'Monitoring',
      'Blue/green',
      'Exceptions',
    ]) {
      await go(name)
      await page.locator('.figures, .body .row, .problem-list, .entries, .ask, .panels, .scroll').first().waitFor()
      if (name === 'Blue/green') await chooseServices()
      expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360)
      expect(await page.locator('main').evaluate((main) => main.scrollWidth - main.clientWidth)).toBe(0)
      await keepPicture(page, `${name.toLowerCase().replace('/', '-')}-narrow`, 'whole')
    }
    await page.setViewportSize({ width: 1280, height: 820 })
  })

  test('the first thing that Tab reaches leads past the links to the content', async () => {
    await page.goto(`http://127.0.0.1:${world.admin}/#/`)
    await page.reload()
    await page.getByText('ready', { exact: true }).waitFor()
    await page.keyboard.press('Tab')
    expect(await page.evaluate<string>('document.activeElement.textContent')).toContain('To the content')
    await page.keyboard.press('Enter')
    expect(await page.evaluate<string>('document.activeElement.id')).toBe('main')
  })
})

test('in all of this the page asked nobody but its own port, and complained of nothing', () => {
  expect([...asked]).toEqual([`127.0.0.1:${world.admin}`])
  expect(complaints.filter((text) => !text.includes('status of 40'))).toEqual([])
})
