import { expect, test } from '@playwright/test'
import { lookFirst } from './first-look.ts'
import { signIn } from './portal.ts'

// P9 measures the time; what is loaded is the same on every machine.
test('a first look at home loads little, and the sign-in page next to nothing', async ({
  baseURL,
  browser,
  page,
}) => {
  const origin = baseURL!
  const signInPage = await lookFirst(browser, {
    origin,
    cookie: null,
    path: '/login',
    selector: 'a[href*="/api/auth/login/"]',
  })
  expect(signInPage.scriptBytes).toBeLessThanOrEqual(15_000)

  await signIn(page, /viewer/i)
  const cookies = await page.context().cookies()
  const { value } = cookies.find(({ name }) => name === 'hub_session')!
  const home = await lookFirst(browser, {
    origin,
    cookie: `hub_session=${value}`,
    path: '/',
    selector: 'main canvas, main [role="row"] a, main a[href^="/instances/"]',
  })
  expect(home.scriptBytes).toBeLessThanOrEqual(180_000)
  expect(home.requests).toBeLessThanOrEqual(14)
})
