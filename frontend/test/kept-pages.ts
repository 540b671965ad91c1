import type { Browser, BrowserContextOptions, Page } from '@playwright/test'
import { startSession, type Persona } from './portal.ts'

type Looker = Persona | 'newcomer'

/**
 * A page for each person, signed in once for all tests of a file, with what it has loaded and compiled: for tests that look
 * and leave nothing behind. A newcomer has not signed in. Whoever has looked calls `leave`.
 */
export function keepPages(
  options: BrowserContextOptions,
  prepare: (page: Page) => Promise<void> = async () => {},
) {
  const pages = new Map<Looker, Promise<Page>>()
  return (browser: Browser, as: Looker): Promise<Page> => {
    const page = pages.get(as) ?? open(browser, as)
    pages.set(as, page)
    return page
  }

  async function open(browser: Browser, as: Looker): Promise<Page> {
    const context = await browser.newContext(options)
    if (as !== 'newcomer') await startSession(context, as)
    const page = await context.newPage()
    await prepare(page)
    return page
  }
}

/** Takes away what was answered for the hub, what the tab keeps, and the pointer; another site would start a process anew. */
export async function leave(page: Page): Promise<void> {
  await page.context().setOffline(false)
  await page.unrouteAll({ behavior: 'ignoreErrors' })
  await page.goto('/livez')
  await page.evaluate(() => sessionStorage.clear())
  await page.mouse.move(-1, -1)
}
