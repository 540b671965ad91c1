import type { Page } from '@playwright/test'
import axe from 'axe-core'

const wcag = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

/** What breaks WCAG 2.2 AA in a page, or in a part of it: each rule with the elements that break it. */
export async function findViolations(page: Page, part = 'html'): Promise<[string, string[]][]> {
  // A page keeps it until it loads anew.
  if (!(await page.evaluate('"axe" in window'))) await page.evaluate(axe.source)
  return page.evaluate(
    async ([selector, tags]) => {
      const { axe: given } = window as unknown as { axe: typeof axe }
      const { violations } = await given.run(selector, {
        runOnly: { type: 'tag', values: tags },
        resultTypes: ['violations'],
      })
      return violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])
    },
    [part, wcag] as const,
  )
}
