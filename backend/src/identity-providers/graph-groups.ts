import { setTimeout as delay } from 'node:timers/promises'
import { IdText } from '@hub/shared'
import * as z from 'zod'
import type { Group } from '#people'
import { askProvider, type ProviderAnswer } from './bounded-fetch.ts'
import { cleanText } from './clean-text.ts'

/** All of it: pages, waiting where Graph asks for patience, and trying again. */
const budgetMs = 5000
const pagesMax = 30
const attemptsMax = 8
/** Graph says how long to wait; sooner than this, and in step with everybody else, it would only be busy again. */
const waitMinMs = { first: 50, max: 1000 }

const GraphGroup = z.looseObject({
  id: IdText.min(1).max(256),
  displayName: z.string().transform(cleanText).nullish().catch(null),
})

const Page = z.object({
  value: z.array(z.unknown()),
  '@odata.nextLink': z.string().optional(),
})

/**
 * All groups of the person whose access token this is, nested ones too. Asked at the configured Graph and nowhere else,
 * whatever a token or a page says. Throws where the answer is not complete in time: then they are unknown.
 */
export async function readGraphGroups(options: {
  fetch: typeof fetch
  graphUrl: string
  accessToken: string
  signal: AbortSignal
}): Promise<{ groups: Group[]; dropped: number }> {
  const { graphUrl } = options
  const deadline = performance.now() + budgetMs
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(budgetMs)])
  const groups = new Map<string, Group>()
  let dropped = 0
  const query = '$select=id,displayName&$count=true&$top=999'
  const first = `${graphUrl}/v1.0/me/transitiveMemberOf/microsoft.graph.group?${query}`
  let next: string | undefined = first
  for (let page = 0; next !== undefined; page += 1) {
    if (page >= pagesMax) throw new Error(`more than ${pagesMax} pages of groups`)
    if (!next.startsWith(`${graphUrl}/v1.0/`)) throw new Error('the next page is elsewhere')
    const { body } = await askPatiently({ ...options, signal, deadline, url: next })
    const parsed = Page.parse(body)
    for (const entry of parsed.value) {
      const group = GraphGroup.safeParse(entry).data
      if (group === undefined) dropped += 1
      else groups.set(group.id, { id: group.id, name: group.displayName?.slice(0, 256) ?? null })
    }
    next = parsed['@odata.nextLink']
  }
  return { groups: [...groups.values()], dropped }
}

async function askPatiently(options: {
  fetch: typeof fetch
  accessToken: string
  signal: AbortSignal
  deadline: number
  url: string
}): Promise<ProviderAnswer> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await askProvider(options.fetch, {
      url: options.url,
      what: 'list of groups',
      headers: {
        authorization: `Bearer ${options.accessToken}`,
        // A cast to groups with $count is an advanced query.
        consistencylevel: 'eventual',
      },
      signal: options.signal,
    })
    if (answer.status === 200) return answer
    const isBusy = answer.status === 429 || answer.status === 503 || answer.status === 504
    const backOffMs = Math.min(waitMinMs.max, waitMinMs.first * 2 ** (attempt - 1))
    const asked = readRetryAfter(answer.headers.get('retry-after'))
    const waitMs = Math.max(asked, backOffMs * (0.5 + Math.random() / 2))
    if (!isBusy || attempt >= attemptsMax || performance.now() + waitMs >= options.deadline) {
      throw new Error(`Graph answered ${answer.status}`)
    }
    await delay(waitMs, undefined, { signal: options.signal })
  }
}

// RFC 9110 §10.2.3: seconds, or a date.
function readRetryAfter(value: string | null): number {
  if (value === null) return 500
  if (/^[0-9]{1,6}$/.test(value)) return Number(value) * 1000
  const at = Date.parse(value)
  return Number.isNaN(at) ? 500 : Math.max(0, at - Date.now())
}
