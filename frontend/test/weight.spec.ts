import { gzipSync } from 'node:zlib'
import { expect, test, type Page } from '@playwright/test'
import { signIn } from './portal.ts'

// P9 measures the time; what a page begins with is the same on every machine. What comes later, such as charts, is not in it.
test('home begins with little, and the sign-in page with next to nothing', async ({ page }) => {
  expect(await weigh(page, '/login')).toBeLessThanOrEqual(15_000)
  await signIn(page, 'viewer')
  const home = await weigh(page, '/')
  expect(home).toBeGreaterThan(50_000)
  // The goal is 180 KB; one schema of what the hub answers brings all of zod, 22 KB of which nothing is used at first.
  expect(home).toBeLessThanOrEqual(165_000)
})

/** Of the scripts that a page names, compressed. */
async function weigh(page: Page, path: string): Promise<number> {
  const html = await (await page.request.get(path)).text()
  const scripts = [...html.matchAll(/(?:src|href)="(\/[^"]+\.js)"/g)].map(([, script]) => script!)
  const sizes = scripts.map(async (script) => {
    return gzipSync(await (await page.request.get(script)).body()).length
  })
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}
