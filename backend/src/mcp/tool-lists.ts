import { createBoundedCache } from '#cache'
import type { RequestContext } from '#context'
import { isOfferedTo, type Tool } from './tools.ts'

const kindsMax = 64

/** What `tools/list` answers, as JSON, made once for all who have the same tools. */
export function createToolLists(tools: readonly Tool[]) {
  const lists = createBoundedCache<Buffer>({ entriesMax: kindsMax })
  return {
    of: (ctx: RequestContext): Buffer => {
      const offered = tools.filter((tool) => isOfferedTo(ctx, tool))
      const key = offered.map(({ name }) => name).join(' ')
      const known = lists.get(key)
      if (known !== undefined) return known
      const made = Buffer.from(JSON.stringify({ tools: offered.map(({ listed }) => listed) }))
      lists.set(key, made)
      return made
    },
  }
}
