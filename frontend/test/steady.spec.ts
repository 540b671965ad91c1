import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from '@playwright/test'
import { signIn } from './portal.ts'

/** A page may move by a tenth in all (Web Vitals, Cumulative Layout Shift); ours by less than a third of that. */
const shiftMax = 0.03

declare global {
  interface Window {
    shifts: { value: number; of: string[] }[]
  }
}

for (const path of [
  '/',
  '/deployments',
  '/instances',
  '/instances/demo-east/namespaces/ml-team/deployments/llama-3-1-8b',
]) {
  test(`what is on ${path} stays where it is, however late the rest comes`, async ({ page }) => {
    await page.addInitScript(() => {
      type Shift = PerformanceEntry & { value: number; sources: { node: Node | null }[] }
      window.shifts = []
      new PerformanceObserver((list) => {
        for (const { sources, value } of list.getEntries() as Shift[]) {
          const of = sources.map(({ node }) => node?.textContent?.slice(0, 40) ?? '')
          window.shifts.push({ value, of })
        }
      }).observe({ type: 'layout-shift', buffered: true })
    })
    let asked = 0
    let open = 0
    await page.route('**/api/**', async (route) => {
      if (new URL(route.request().url()).pathname === '/api/stream') return route.continue()
      asked += 1
      open += 1
      await delay(100 + ((asked * 137) % 700))
      // Whoever left the page does not wait for it.
      await route.continue().catch(() => {})
      open -= 1
    })
    await signIn(page, 'admin', path)
    // One answer leads to further questions.
    await expect(async () => {
      expect([asked > 0, open]).toEqual([true, 0])
      await expect(page.locator('.mantine-Skeleton-root')).toHaveCount(0, { timeout: 1_000 })
      const before = asked
      await delay(500)
      expect([asked, open]).toEqual([before, 0])
    }).toPass()
    const shifts = await page.evaluate(() => window.shifts)
    const sum = shifts.reduce((all, { value }) => all + value, 0)
    expect(sum, JSON.stringify(shifts)).toBeLessThan(shiftMax)
  })
}
