import type { BatchAnswer, SessionList } from '@hub/shared'
import { expect, type BrowserContext, type Page } from '@playwright/test'

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

/** Who can sign in at the demo's identity provider. */
export type Persona = 'admin' | 'deployer' | 'viewer' | 'nobody'

/** A session of its own for the page's context, and then a page: who signs in as people do, by hand, takes far longer. */
export async function signIn(page: Page, persona: Persona, path = '/'): Promise<void> {
  await startSession(page.context(), persona)
  await page.goto(path)
}

/** What the browser sends and keeps as somebody signs in, without drawing anything. */
export async function startSession(context: BrowserContext, persona: Persona): Promise<void> {
  const choice = await context.request.get('/api/auth/login/oidc?return_to=/livez')
  const landed = await context.request.post(choice.url(), { form: { persona } })
  expect(new URL(landed.url()).pathname).toBe('/livez')
}

export async function signInByHand(page: Page, persona: RegExp): Promise<void> {
  await page.goto('/')
  await page.getByRole('link', { name: /continue with demo sign-in/i }).click()
  await page.getByRole('button', { name: persona }).click()
  await page.waitForURL((url) => url.pathname === '/')
}

/** The same person ends the session of a page in another browser, and the page leads to the sign-in by itself. */
export async function endSessionOf(page: Page, persona: Persona): Promise<void> {
  const { items } = JSON.parse(
    (await callApi(page, 'GET', '/api/auth/sessions')).text,
  ) as SessionList
  const { id } = items.find(({ isCurrent }) => isCurrent)!
  const baseURL = new URL(page.url()).origin
  const elsewhere = await page.context().browser()!.newContext({ baseURL })
  await startSession(elsewhere, persona)
  const ended = await elsewhere.request.delete(`/api/auth/sessions/${id}`, {
    headers: { origin: baseURL },
  })
  expect(ended.status()).toBe(204)
  await elsewhere.close()
  await expect(page.getByRole('link', { name: /continue with demo sign-in/i })).toBeVisible()
}

/** As somebody whom the provider still knows, from the sign-in page that a page led to: it leads back there. */
export async function signInAgain(page: Page): Promise<void> {
  await page.getByRole('link', { name: /continue with demo sign-in/i }).click()
}

/** All that this tab would still know after it is loaded anew. */
export function readKept(page: Page): Promise<string> {
  return page.evaluate(() => JSON.stringify([sessionStorage, localStorage]))
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

/** Changes what an address is answered, whether it is read alone or together with others. */
export async function changeRead(
  page: Page,
  path: string,
  change: (body: object) => object | Promise<object>,
): Promise<void> {
  const isOf = ({ pathname }: URL) => pathname === path || pathname === '/api/batch'
  await page.route(isOf, async (route) => {
    const { pathname, searchParams } = new URL(route.request().url())
    const paths = searchParams.getAll('get').map((each) => each.split('?')[0])
    if (pathname !== path && !paths.includes(path)) return route.continue()
    const response = await route.fetch()
    const body = (await response.json()) as BatchAnswer
    if (pathname === path) return route.fulfill({ response, json: await change(body) })
    const answers = body.answers.map(async (answer, at) =>
      paths[at] === path ? { ...answer, body: await change(answer.body as object) } : answer,
    )
    await route.fulfill({ response, json: { answers: await Promise.all(answers) } })
  })
}
