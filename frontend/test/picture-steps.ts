import { expect, type Page } from '@playwright/test'
import { ownDemoUrl } from './own-demo.ts'
import { callApi, signIn } from './portal.ts'

/** Presses the first button of that name. */
export function press(name: string | RegExp): (page: Page) => Promise<void> {
  return (page) =>
    page
      .getByRole('button', typeof name === 'string' ? { name, exact: true } : { name })
      .first()
      .click()
}

/** The hub's own answer with other fields. */
export async function alter(page: Page, url: string, fields: object): Promise<void> {
  await page.route(url, async (route) => {
    const response = await route.fetch()
    await route.fulfill({ response, json: { ...((await response.json()) as object), ...fields } })
  })
}

export async function deployWithErrors(page: Page): Promise<void> {
  await page.getByLabel('Name', { exact: true }).fill('not.a.label')
  await page.getByLabel('GPUs per replica').fill('64')
  await page.getByRole('button', { name: 'Deploy', exact: true }).click()
  await expect(page.getByLabel('Name', { exact: true })).toHaveAttribute('aria-invalid', 'true')
}

/** Somebody asks once; tried again, they have asked already. */
export async function askForAccess(page: Page): Promise<void> {
  const context = await page.context().browser()!.newContext({ baseURL: ownDemoUrl })
  const asking = await context.newPage()
  await signIn(asking, /nobody/i)
  const { status } = await callApi(asking, 'POST', '/api/access-requests', {
    role: 'deployer',
    instanceId: 'demo-east',
    namespaces: ['ml-team'],
    reason: 'Roll out the new embedding model',
    minutes: 480,
  })
  expect([201, 409]).toContain(status)
  await context.close()
}
