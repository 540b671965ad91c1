import { readdir, readFile } from 'node:fs/promises'
import { expect, test, type Page } from '@playwright/test'
import { findCut } from './find-cut.ts'
import { keepPages, leave } from './kept-pages.ts'
import { ownDemoUrl, startOwnDemo } from './own-demo.ts'
import { pictured, type Pictured } from './pictured.ts'
import { answerWithHours, writeTheSame } from './picture-steps.ts'

const docs = new URL('../../docs/', import.meta.url)
/** Whatever the demo made while it started is an hour old then, and stays so for half an hour. */
const laterMs = 90 * 60_000
const wide = { width: 1280, height: 720 }
const narrow = { width: 360, height: 740 }
/** What 1,280 px hold of a page that is twice as large. */
const zoomed = { width: 640, height: 360 }

let stop: (() => Promise<void>) | undefined
let clock: Date
const pageOf = keepPages(
  { baseURL: ownDemoUrl, locale: 'en-GB', timezoneId: 'UTC', reducedMotion: 'reduce' },
  async (page) => {
    await page.clock.setFixedTime(clock)
    // The hub's clock is as far ahead, or the page would go by the hub's.
    await page.addInitScript(() => {
      const { get } = Headers.prototype
      Headers.prototype.get = function (name) {
        return name === 'date' ? new Date().toUTCString() : get.call(this, name)
      }
    })
  },
)

test.beforeAll(async ({ browser }) => {
  stop = await startOwnDemo()
  clock = new Date(Date.now() + laterMs)
  // Whoever has signed in is among the people, whichever pictures are taken.
  for (const as of ['nobody', 'viewer', 'deployer', 'admin'] as const) {
    await pageOf(browser, as)
  }
})
test.afterAll(async () => {
  await stop?.()
})

test('the tour names every picture, and no page one that there is not', async () => {
  const named = await listNamed('tour.md')
  const expected = pictured.flatMap(({ name, isZoomed }) =>
    ['light', 'dark', '360', ...(isZoomed ? ['200'] : [])].map((look) => `${name}-${look}.png`),
  )
  expect(named.toSorted()).toEqual(expected.toSorted())
  const files = await readdir(new URL('images/', docs))
  expect(files.toSorted()).toEqual(expected.toSorted())
  const others = await Promise.all(['../README.md', 'design-system.md'].map(listNamed))
  expect(others.flat().filter((each) => !files.includes(each))).toEqual([])
})

for (const { name, as, path, before, open, isZoomed, font } of pictured) {
  test(`${name} looks as in its pictures`, async ({ browser }) => {
    const page = await pageOf(browser, as)
    try {
      await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
      await page.setViewportSize(wide)
      // What is answered for the hub is not for every page: a browser that asks for that keeps no file that it has loaded.
      if (path === '/') await answerWithHours(page)
      await before?.(page)
      await page.goto(path)
      await settle(page)
      await open?.(page)
      await settle(page)
      await compare(page, name, 'light', font)
      await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' })
      await compare(page, name, 'dark', font)
      await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
      await page.setViewportSize(narrow)
      await compare(page, name, '360', font)
      expect.soft(await findCut(page)).toEqual([])
      if (isZoomed) {
        await page.setViewportSize(zoomed)
        await compare(page, name, '200', font)
      }
    } finally {
      await leave(page)
    }
  })
}

async function listNamed(page: string): Promise<string[]> {
  const text = await readFile(new URL(page, docs), 'utf8')
  return [...text.matchAll(/images\/([\w-]+\.png)/g)].map(([, file]) => file!)
}

async function settle(page: Page): Promise<void> {
  await expect(page.getByRole('heading', { level: 1 }).first()).toBeAttached()
  await page.waitForLoadState('load')
  await expect(page.locator('.mantine-Skeleton-root, [aria-busy="true"]')).toHaveCount(0)
  await page.evaluate(() => document.fonts.ready)
}

async function compare(
  page: Page,
  name: string,
  look: string,
  font: Pictured['font'],
): Promise<void> {
  await writeTheSame(page)
  const file = `${name}-${look}.png`
  if (await isSame(page, file)) return
  await expect.soft(page).toHaveScreenshot(file, {
    // A line in a pale grey is seen, and another machine's rounding of a letter's edge is not.
    threshold: 0.05,
    maxDiffPixelRatio: font === 'system' ? 0.06 : 0.002,
    timeout: 10_000,
  })
}

/** Whether every byte is the same, which is seen at once: what differs is decoded, and compared point by point. */
async function isSame(page: Page, file: string): Promise<boolean> {
  const picture = await readFile(new URL(`images/${file}`, docs)).catch(() => null)
  return picture !== null && picture.equals(await page.screenshot({ animations: 'disabled' }))
}
