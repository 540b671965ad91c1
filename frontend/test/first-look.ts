import { gzipSync } from 'node:zlib'
import type { Browser, BrowserContext, CDPSession, Page, Response } from '@playwright/test'

/** What a first look at a page cost until something to read was painted. */
export type FirstLook = {
  /** Processor time of the page's main thread. */
  cpuMs: number
  wallMs: number
  requests: number
  /** Compressed, of what had come until then; charts come after it. */
  scriptBytes: number
}

/** A browser that has kept nothing, signed in by the Cookie header of a session, or not. */
export async function openContext(
  browser: Browser,
  { origin, cookie }: { origin: string; cookie: string | null },
): Promise<BrowserContext> {
  const context = await browser.newContext({
    baseURL: origin,
    viewport: { width: 1440, height: 900 },
  })
  if (cookie !== null) {
    const [name, value] = [
      cookie.slice(0, cookie.indexOf('=')),
      cookie.slice(cookie.indexOf('=') + 1),
    ]
    await context.addCookies([{ name, value, url: origin }])
  }
  return context
}

/** Looks at a page for the first time; `selector` is what there is to read. */
export async function lookFirst(
  browser: Browser,
  options: { origin: string; cookie: string | null; path: string; selector: string },
): Promise<FirstLook> {
  const context = await openContext(browser, options)
  try {
    const page = await context.newPage()
    const session = await context.newCDPSession(page)
    await session.send('Performance.enable', { timeDomain: 'threadTicks' })
    const scripts: Promise<number>[] = []
    let requests = 0
    page.on('request', () => {
      requests += 1
    })
    const onResponse = (response: Response) => {
      if (response.request().resourceType() !== 'script') return
      scripts.push(response.body().then((body) => gzipSync(body).length))
    }
    page.on('response', onResponse)
    const startedAt = performance.now()
    await page.goto(options.path, { waitUntil: 'commit' })
    await page.waitForSelector(options.selector)
    await nextPaint(page)
    const wallMs = performance.now() - startedAt
    const cpuMs = await readTaskMs(session)
    const requestsUntilThen = requests
    // What comes later is not counted, and the page is closed before all of it is there.
    page.off('response', onResponse)
    const sizes = await Promise.all(scripts)
    return {
      cpuMs,
      wallMs,
      requests: requestsUntilThen,
      scriptBytes: sizes.reduce((sum, size) => sum + size, 0),
    }
  } finally {
    await context.close()
  }
}

async function nextPaint(page: Page): Promise<void> {
  await page.evaluate(
    'new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))',
  )
}

/** Without what the test itself asks of the page. */
async function readTaskMs(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics')
  const read = (name: string) => metrics.find((metric) => metric.name === name)!.value * 1000
  return read('TaskDuration') - read('DevToolsCommandDuration')
}
