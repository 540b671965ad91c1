import { expect, type Page } from '@playwright/test'

/** The policy has no exception: any violation fails the journey. */
export function failOnPolicyViolation(page: Page): void {
  page.on('console', (message) => {
    expect(message.text()).not.toContain('Content Security Policy')
  })
}

export async function expectNoSidewaysScrolling(page: Page): Promise<void> {
  await expect
    .poll(() => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth))
    .toBeLessThanOrEqual(0)
}

export async function signIn(page: Page, persona: RegExp): Promise<void> {
  await page.goto('/')
  await page.getByRole('link', { name: /continue with demo sign-in/i }).click()
  await page.getByRole('button', { name: persona }).click()
  await page.waitForURL((url) => url.pathname === '/')
}

/** What a script in the page may do: the portal's own cookie goes along. */
export function callApi(page: Page, method: string, path: string, body?: unknown) {
  return page.evaluate(
    async ([givenMethod, givenPath, givenBody]) => {
      const response = await fetch(givenPath as string, {
        method: givenMethod as string,
        ...(givenBody !== undefined && {
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(givenBody),
        }),
      })
      return { status: response.status, text: await response.text() }
    },
    [method, path, body],
  )
}
