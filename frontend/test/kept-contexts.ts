import type { Browser, BrowserContext, BrowserContextOptions } from '@playwright/test'
import { startSession, type Persona } from './portal.ts'

/**
 * A browser for each person, signed in once for all tests of a file, and with what it has loaded: for tests that look at
 * pages and leave nothing behind. A newcomer has not signed in.
 */
export function keepContexts(
  options: BrowserContextOptions,
  prepare: (context: BrowserContext) => Promise<void> = async () => {},
) {
  const contexts = new Map<Persona | 'newcomer', Promise<BrowserContext>>()
  return (browser: Browser, as: Persona | 'newcomer'): Promise<BrowserContext> => {
    const context = contexts.get(as) ?? start(browser, as)
    contexts.set(as, context)
    return context
  }

  async function start(browser: Browser, as: Persona | 'newcomer'): Promise<BrowserContext> {
    const context = await browser.newContext(options)
    if (as !== 'newcomer') await startSession(context, as)
    await prepare(context)
    return context
  }
}
