import { expect, type Page } from '@playwright/test'
import { ownDemoUrl } from './own-demo.ts'
import { callApi, changeRead, signIn } from './portal.ts'

/** Presses the first button of that name, and waits for what then is there. */
export function press(name: string | RegExp, shown: string): (page: Page) => Promise<void> {
  return async (page) => {
    await click(page, name)
    const table = page.getByRole('table', { name: shown })
    await expect(table.or(page.getByRole('complementary', { name: shown })).first()).toBeVisible()
  }
}

/** Opens a dialog, a menu or a list to choose from. */
export function unfold(name: string | RegExp): (page: Page) => Promise<void> {
  return async (page) => {
    await click(page, name)
    await expectUnfolded(page)
  }
}

export function unfoldByKey(key: string): (page: Page) => Promise<void> {
  return async (page) => {
    await page.keyboard.press(key)
    await expectUnfolded(page)
  }
}

function click(page: Page, name: string | RegExp): Promise<void> {
  return page
    .getByRole('button', typeof name === 'string' ? { name, exact: true } : { name })
    .first()
    .click()
}

/** Open and in its place: what opens may be moved where there is room for it. */
async function expectUnfolded(page: Page): Promise<void> {
  const unfolded = page
    .locator('[role="dialog"], [role="menu"], [role="listbox"]')
    .filter({ visible: true })
    .first()
  await expect(unfolded).toBeVisible()
  await unfolded.hover({ trial: true, position: { x: 2, y: 2 } })
}

export async function goOffline(page: Page): Promise<void> {
  await page.context().setOffline(true)
  await expect(page.getByText(/offline/i).first()).toBeVisible()
}

const uuid = '0195f3a0-5c1e-7b60-9d2f-3a8e6f10c4d7'

/** Writes the same where each demo has another name, number or address. */
export function writeTheSame(page: Page): Promise<void> {
  return page.evaluate((id) => {
    const same: [RegExp, string][] = [
      [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, id],
      [/127\.0\.0\.1:\d+/g, '127.0.0.1:3001'],
      [/kubeairunway-demo-\w+/g, 'kubeairunway-demo'],
      [/-[a-z0-9]{8,10}-[a-z0-9]{5}\b/g, '-6c9f7d8b5-x2k4q'],
      [/\b[0-9a-f]{40,64}\b/g, 'b'.repeat(64)],
      [/\w+day, \d+ \w+ \d{4}(,| at) [\d:]+ \w+/g, 'Friday, 2 January 2026 at 09:30:00 UTC'],
      [/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '2026-01-02T09:30:00.000Z'],
      [/\b\d{1,2} [A-Z][a-z]{2} \d{4}, \d\d:\d\d(:\d\d)?/g, '2 Jan 2026, 09:30'],
      [/\b\d{1,2} [A-Z][a-z]{2} 20\d\d/g, '2 Jan 2026'],
      [/\bunder a second\b|^\d+ s$|(?<=after )\d+ s\b/g, '1 s'],
    ]
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    for (let text = texts.nextNode(); text !== null; text = texts.nextNode()) {
      const before = text.nodeValue ?? ''
      const after = same.reduce((words, [each, by]) => words.replace(each, by), before)
      if (after !== before) text.nodeValue = after
    }
  }, uuid)
}

/** The hub's own answer with other fields. */
export async function alter(page: Page, url: string, fields: object): Promise<void> {
  await page.route(url, async (route) => {
    const response = await route.fetch()
    await route.fulfill({ response, json: { ...((await response.json()) as object), ...fields } })
  })
}

/** What happened within the same second comes in any order. */
export async function sortEvents(page: Page): Promise<void> {
  await page.route('**/deployments/*/events', async (route) => {
    const response = await route.fetch()
    const list = (await response.json()) as { items: { message: string }[] }
    const items = list.items.toSorted((a, b) => a.message.localeCompare(b.message))
    await route.fulfill({ response, json: { ...list, items } })
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
  await signIn(asking, 'nobody')
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

const minutes = 360
const gpus = 52

/** A hub that has only just started has counted nothing yet: the chart has the same six hours every time. */
export async function answerWithHours(page: Page): Promise<void> {
  const end = Date.parse('2026-01-02T09:30:00Z')
  const at = Array.from({ length: minutes }, (_, minute) =>
    new Date(end - (minutes - 1 - minute) * 60_000).toISOString(),
  )
  const used = at.map((_, minute) => 14 + Math.round(8 * Math.sin(minute / 60)))
  const sum = { used, free: used.map((each) => gpus - each), total: at.map(() => gpus) }
  await changeRead(page, '/api/fleet/history', () => ({
    since: at[0],
    stepSeconds: 60,
    at,
    sum,
    instances: [],
  }))
}

/** A model that does the same every time, for a quarter of an hour. */
export async function answerWithReadings(page: Page): Promise<void> {
  const end = Date.parse('2026-01-02T09:30:00Z')
  const at = Array.from({ length: 61 }, (_, index) =>
    new Date(end - (60 - index) * 15_000).toISOString(),
  )
  const wave = (middle: number, by: number, pace: number) =>
    at.map((_, index) => Number((middle + by * Math.sin(index / pace)).toPrecision(4)))
  const series = [
    { name: 'requestsRunning', unit: 'requests', values: wave(9, 4, 7).map(Math.round) },
    { name: 'requestsWaiting', unit: 'requests', values: at.map(() => 0) },
    { name: 'requestsFinished', unit: 'requests/s', values: wave(2.4, 0.8, 7) },
    { name: 'requestsFailed', unit: 'requests/s', values: wave(0.03, 0.03, 3) },
    { name: 'promptTokens', unit: 'tokens/s', values: wave(940, 300, 7) },
    { name: 'generatedTokens', unit: 'tokens/s', values: wave(560, 180, 7) },
    { name: 'firstTokenP50', unit: 'seconds', values: wave(0.06, 0.01, 5) },
    { name: 'firstTokenP95', unit: 'seconds', values: wave(0.2, 0.04, 4) },
    { name: 'firstTokenP99', unit: 'seconds', values: wave(0.31, 0.06, 3) },
    { name: 'interTokenP50', unit: 'seconds', values: wave(0.021, 0.002, 5) },
    { name: 'interTokenP95', unit: 'seconds', values: wave(0.038, 0.004, 4) },
    { name: 'interTokenP99', unit: 'seconds', values: wave(0.046, 0.004, 3) },
    { name: 'kvCacheUse', unit: 'fraction', values: wave(0.34, 0.12, 7) },
    { name: 'prefixHitRate', unit: 'fraction', values: wave(0.52, 0.05, 6) },
  ]
  const json = {
    engine: 'vllm',
    since: at[0],
    latestAt: at.at(-1),
    reason: null,
    note: null,
    at,
    series,
  }
  await page.route('**/deployments/*/metrics?*', (route) => route.fulfill({ json }))
}

/** Asks a model that says the same every time, as fast every time. */
export async function askModel(page: Page): Promise<void> {
  const answer = 'A list of pods with their nodes:\n```bash\nkubectl get pods -o wide\n```'
  const usage = { promptTokens: 12, completionTokens: 96, tokensPerSecond: 48.2 }
  const events = [
    `event: delta\ndata: ${JSON.stringify({ text: answer })}`,
    'event: finish\ndata: {"reason":"stop"}',
    `event: usage\ndata: ${JSON.stringify({ ...usage, firstTokenMs: 64, totalMs: 2035 })}`,
  ]
  await page.route('**/deployments/*/chat', (route) =>
    route.fulfill({ contentType: 'text/event-stream', body: `${events.join('\n\n')}\n\n` }),
  )
  await page.getByRole('textbox', { name: 'Message' }).fill('How do I see where my pods run?')
  await page.getByRole('button', { name: 'Send' }).click()
  await expect(page.getByRole('article')).toContainText('96 tokens')
  // A caret blinks.
  await page.getByRole('heading', { level: 1 }).click()
}

/** What an agent of everybody's did: the demo's clusters have none. */
async function answerWithAgentCalls(page: Page): Promise<void> {
  const via = {
    door: 'mcp',
    clientId: null,
    apiToken: { id: 'a1b2c3', name: 'editor-on-my-laptop' },
    saidName: 'editor',
    tokenId: '0123456789ab',
  }
  const at = new Date().toISOString()
  const target = { instance: 'demo-east', namespace: 'ml-team' }
  const calls = [
    ['deployment.create', 'success', 'create_deployment', { ...target, name: 'qwen3-8b' }],
    ['deployment.update', 'success', 'change_deployment', { ...target, name: 'llama-3-1-8b' }],
    [
      'access.denied',
      'denied',
      'delete_deployment',
      { ...target, namespace: 'search', name: null },
    ],
  ] as const
  const items = calls.map(([action, outcome, tool, place], id) => ({
    id: String(id),
    at,
    action,
    outcome,
    target: place,
    reason: null,
    via: { ...via, tool },
  }))
  await page.route('**/api/auth/agent-calls?*', (route) =>
    route.fulfill({ json: { items, next: null } }),
  )
}

/** Two deployments that an agent wants to do away with. */
export async function answerWithConfirmations(page: Page): Promise<void> {
  await answerWithAgentCalls(page)
  const at = new Date().toISOString()
  const target = { instance: 'demo-east', namespace: 'ml-team' }
  const item = (name: string, rest: object) => ({
    id: name,
    state: 'waiting',
    action: 'deployment.delete',
    target: { ...target, name, uid: '8f14e45f-ceea-467f-a9d1-1b1a3c7f0d11' },
    input: null,
    principal: 'oidc:deployer',
    isOwn: true,
    via: {
      door: 'mcp',
      clientId: null,
      apiToken: { id: 'a1b2c3', name: 'editor-on-my-laptop' },
      saidName: 'editor',
      tokenId: '0123456789ab',
      tool: 'delete_deployment',
    },
    createdAt: at,
    // The browser's clock is an hour and a half ahead.
    expiresAt: new Date(Date.now() + 105 * 60_000).toISOString(),
    decidedAt: null,
    decidedBy: null,
    decidedByName: null,
    ...rest,
  })
  const spec = { model: { id: 'Qwen/Qwen3-8B' }, engine: { type: 'vllm', contextLength: 8192 } }
  const items = [
    item('qwen3-8b', { action: 'deployment.recreate', input: { spec } }),
    item('llama-3-1-8b', { state: 'used' }),
  ]
  await page.route('**/api/auth/confirmations', (route) => route.fulfill({ json: { items } }))
}

/** A week's use, the same in every demo. */
export async function answerWithUse(page: Page): Promise<void> {
  const days = [40, 55, 61, 48, 12, 9, 70, 66]
  const models = ['Qwen/Qwen3-8B', 'llama-3.1-8b', 'BAAI/bge-m3']
  const items = models.map((key, index) => {
    const requests = days.map((count) => Math.round(count / (index + 1)))
    const sum = requests.reduce((all, count) => all + count, 0)
    return {
      key,
      label: key,
      requests: sum,
      errors: index,
      promptTokens: sum * 310,
      completionTokens: sum * 140,
      firstByteMs: 180 + index * 60,
      gpuHours: 168 - index * 48,
      series: {
        requests,
        tokens: requests.map((count) => count * 450),
        gpuHours: requests.map(() => 24 - index * 6),
      },
    }
  })
  const total = { requests: 690, errors: 3, promptTokens: 213_900, completionTokens: 96_600 }
  await page.route('**/api/usage?*', (route) =>
    route.fulfill({
      json: {
        from: '2026-01-01T00:00:00.000Z',
        to: '2026-01-08T09:30:00.000Z',
        every: 'day',
        by: 'model',
        at: days.map((_, day) => `2026-01-0${day + 1}T00:00:00.000Z`),
        total: { ...total, firstByteMs: 210, gpuHours: 360 },
        items,
        more: 0,
      },
    }),
  )
}
