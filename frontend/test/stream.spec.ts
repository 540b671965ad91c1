import { startApiServer, type Cluster } from '@hub/demo'
import { expect, test, type BrowserContext, type CDPSession, type Page } from '@playwright/test'
import { ownHubUrl, startOwnHub, type OwnHub } from './own-hub.ts'
import { callApi, failOnPolicyViolation, signIn, type Persona } from './portal.ts'

/** How many streams the hub lets one person have. */
const streamsMax = 8
const deployments = '/api/instances/prod-east/namespaces/default/deployments'

test.use({ baseURL: ownHubUrl })
test.setTimeout(90_000)

let hub: OwnHub
let cluster: Cluster

test.beforeAll(async () => {
  cluster = await startApiServer()
  hub = await startOwnHub()
  await hub.write('prod-east', cluster.kubeconfig('service-account-token'))
})
test.afterAll(async () => {
  await hub?.stop()
  await cluster?.stop()
})
test.beforeEach(({ context }) => {
  context.on('page', failOnPolicyViolation)
})

test('three tabs have one stream between them, all move live, and one that opens late is complete', async ({
  context,
}) => {
  const first = await openSignedIn(context, 'deployer')
  const tabs = [first, await context.newPage(), await context.newPage()]
  await showDeployments(tabs)
  await expect.poll(() => countStreams(context)).toBe(1)
  await deploy(first, 'live-one')
  for (const tab of tabs) await expect(rowOf(tab, 'live-one')).toBeVisible()

  const late = await context.newPage()
  await showDeployments([late])
  await expect(rowOf(late, 'live-one')).toBeVisible({ timeout: 2_000 })
  await deploy(first, 'live-two')
  for (const tab of [...tabs, late]) await expect(rowOf(tab, 'live-two')).toBeVisible()
  await expect.poll(() => countStreams(context)).toBe(1)

  await first.close()
  await tabs[1]!.close()
  await deploy(late, 'live-three')
  for (const tab of [tabs[2]!, late]) await expect(rowOf(tab, 'live-three')).toBeVisible()
  await Promise.all([tabs[2]!.close(), late.close()])
  await expect.poll(() => countStreams(context)).toBe(0)
})

test('what changes after a page has read, and before its stream begins, appears; what does not is read once', async ({
  context,
}) => {
  const elsewhere = await openSignedIn(context, 'deployer')
  await showDeployments([elsewhere])
  const page = await context.newPage()
  // Without a worker the stream is this page's own.
  await page.addInitScript(() => Reflect.deleteProperty(globalThis, 'SharedWorker'))
  let read: string[] = []
  let change: (() => Promise<void>) | undefined
  await page.route('**/api/batch*', async (route) => {
    const answer = await route.fetch()
    await change?.()
    change = undefined
    read.push(await answer.text())
    await route.fulfill({ response: answer })
  })
  const begin = async () => {
    read = []
    const began = page.waitForResponse(/\/api\/stream\?since=/)
    await showDeployments([page])
    expect((await began).status()).toBe(200)
  }
  change = async () => {
    await deploy(elsewhere, 'live-between')
    // The hub has told of it by then.
    await expect(rowOf(elsewhere, 'live-between')).toBeVisible()
  }
  await begin()
  await expect(rowOf(page, 'live-between')).toBeVisible()
  expect(read[0]).not.toContain('live-between')

  await begin()
  await page.waitForTimeout(1_000)
  expect(read).toHaveLength(1)
})

test('without a SharedWorker every tab has a stream of its own', async ({ context }) => {
  await context.addInitScript(() => Reflect.deleteProperty(globalThis, 'SharedWorker'))
  const first = await openSignedIn(context, 'deployer')
  const tabs = [first, await context.newPage()]
  await showDeployments(tabs)
  await expect.poll(() => countStreams(context)).toBe(2)
  await deploy(first, 'live-alone')
  for (const tab of tabs) await expect(rowOf(tab, 'live-alone')).toBeVisible()
})

test('a worker that cannot be loaded costs the tab nothing but the sharing', async ({
  context,
}) => {
  const first = await openSignedIn(context, 'deployer')
  await first.close()
  // A page's routes do not see the worker's file, so the address that the page asks for is another one.
  await context.addInitScript(() => {
    const Whole = globalThis.SharedWorker
    globalThis.SharedWorker = class extends Whole {
      constructor(_url: string | URL, options?: string | WorkerOptions) {
        super('/assets/no-such-worker.js', options)
      }
    }
  })
  const tab = await context.newPage()
  await showDeployments([tab])
  await expect.poll(() => countStreams(context)).toBe(1)
  await deploy(tab, 'live-fallback')
  await expect(rowOf(tab, 'live-fallback')).toBeVisible()
})

test('signing out in one tab ends the stream and leads every tab to the sign-in page', async ({
  context,
}) => {
  const first = await openSignedIn(context, 'deployer')
  const second = await context.newPage()
  await showDeployments([first, second])
  const cookie = await cookieOf(context)
  await first.getByRole('button', { name: /account/i }).click()
  await first.getByRole('menuitem', { name: /sign out/i }).click()
  for (const tab of [first, second]) {
    // Long before the hub itself would look again whether the session goes on.
    await expect(tab).toHaveURL(/\/login/, { timeout: 5_000 })
  }
  const after = await fetch(`${ownHubUrl}/api/stream`, { headers: { cookie } })
  await after.body?.cancel()
  expect(after.status).toBe(401)
})

test("who signs in next gets a stream of their own, and the other's tabs show the new person", async ({
  context,
  browser,
}) => {
  const admins = await openSignedIn(context, 'admin')
  const theirs = await context.newPage()
  await theirs.goto('/')
  await expect(theirs.getByRole('link', { name: 'Audit' })).toBeVisible()
  // The administrator's session lives on at the hub, and with it the stream that the worker has.
  const cookie = await cookieOf(context)
  const elsewhere = await browser.newContext({ baseURL: ownHubUrl })
  await openSignedIn(elsewhere, 'viewer')
  await context.addCookies(await elsewhere.cookies(ownHubUrl))
  await elsewhere.close()
  await admins.goto('/')
  await expect(admins.getByRole('link', { name: 'Audit' })).toHaveCount(0)
  await expect(theirs.getByRole('link', { name: 'Audit' })).toHaveCount(0)
  await expect(theirs.getByRole('button', { name: 'Account of Vera Viewer' })).toBeVisible()
  await expect.poll(() => countStreams(context)).toBe(1)
  await expect.poll(() => countStreams(context, cookie)).toBe(0)
})

test('a crashed tab leaves nothing behind, and a crashed worker is started again', async ({
  context,
  browser,
}) => {
  const first = await openSignedIn(context, 'deployer')
  const crashing = await context.newPage()
  await showDeployments([first, crashing])
  const session = await browser.newBrowserCDPSession()
  const tabsOf = () => askWorker(session, 'navigator.locks.query().then(describe)')
  await expect.poll(tabsOf).toBe(3)
  const ended = crashing.waitForEvent('crash')
  void crashing.goto('chrome://crash').catch(() => null)
  await ended
  await expect.poll(tabsOf).toBe(2)

  await askWorker(session, 'close()')
  await expect.poll(() => countStreams(context)).toBe(1)
  await deploy(first, 'live-again')
  await expect(rowOf(first, 'live-again')).toBeVisible()
})

test('after a restart of the hub every tab moves again by itself', async ({ context }) => {
  const first = await openSignedIn(context, 'deployer')
  const tabs = [first, await context.newPage()]
  await showDeployments(tabs)
  await hub.pause()
  for (const tab of tabs) await expect(tab.getByText('Reconnecting to the hub')).toBeVisible()
  const late = await context.newPage()
  await late.goto('/deployments').catch(() => null)
  await hub.resume()
  await late.goto('/deployments')
  for (const tab of [...tabs, late]) {
    await expect(tab.getByText('Reconnecting to the hub')).toHaveCount(0, { timeout: 30_000 })
  }
  await deploy(first, 'live-restart')
  for (const tab of [...tabs, late]) await expect(rowOf(tab, 'live-restart')).toBeVisible()
  await expect.poll(() => countStreams(context)).toBe(1)
})

async function openSignedIn(context: BrowserContext, persona: Persona): Promise<Page> {
  const page = await context.newPage()
  await signIn(page, persona)
  return page
}

async function showDeployments(tabs: readonly Page[]): Promise<void> {
  for (const tab of tabs) {
    await tab.goto('/deployments')
    await expect(tab.getByRole('heading', { level: 1 })).toBeVisible()
  }
}

function rowOf(page: Page, name: string) {
  return page.getByRole('row', { name: new RegExp(name) })
}

async function deploy(page: Page, name: string): Promise<void> {
  const answer = await callApi(page, 'POST', deployments, {
    name,
    spec: { model: { id: 'Qwen/Qwen3-8B' } },
  })
  expect(answer.status).toBe(201)
}

async function cookieOf(context: BrowserContext): Promise<string> {
  const cookies = await context.cookies(ownHubUrl)
  return cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
}

/** By the hub's own count: as many as it refuses this person when more are asked for than it allows. */
async function countStreams(context: BrowserContext, cookie?: string): Promise<number> {
  const headers = { cookie: cookie ?? (await cookieOf(context)) }
  const opened: AbortController[] = []
  let refused = 0
  try {
    for (let i = 0; i < streamsMax; i += 1) {
      const ending = new AbortController()
      const { signal } = ending
      const { status } = await fetch(`${ownHubUrl}/api/stream`, { headers, signal })
      opened.push(ending)
      if (status === 429) refused += 1
      else expect(status).toBe(200)
    }
    return refused
  } finally {
    for (const ending of opened) ending.abort()
  }
}

/** Runs a script within the SharedWorker; `describe` counts the locks of a query. */
async function askWorker(session: CDPSession, script: string): Promise<unknown> {
  const { targetInfos } = await session.send('Target.getTargets')
  const worker = targetInfos.find(({ type }) => type === 'shared_worker')!
  const { sessionId } = await session.send('Target.attachToTarget', {
    targetId: worker.targetId,
    flatten: false,
  })
  type Message = { id?: number; result?: { result: { value?: unknown } } }
  const answered = new Promise<Message>((resolve) => {
    session.on('Target.receivedMessageFromTarget', (event) => {
      const message = JSON.parse(event.message) as Message
      if (event.sessionId === sessionId && message.id === 1) resolve(message)
    })
  })
  const expression = `(() => { const describe = ({ held }) => held.length; return ${script} })()`
  await session.send('Target.sendMessageToTarget', {
    sessionId,
    message: JSON.stringify({
      id: 1,
      method: 'Runtime.evaluate',
      params: { expression, awaitPromise: true, returnByValue: true },
    }),
  })
  const { result } = await answered
  await session.send('Target.detachFromTarget', { sessionId }).catch(() => null)
  return result?.result.value
}
