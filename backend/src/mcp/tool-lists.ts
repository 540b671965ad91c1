import { createBoundedCache } from '#cache'
import type { RequestContext } from '#context'
import { isOfferedTo, type Tool } from './tools.ts'

const kindsMax = 64

/** What `tools/list` answers, as JSON, made once for all who have the same tools. */
export function createToolLists(tools: readonly Tool[]) {
  const lists = createBoundedCache<Buffer>({ entriesMax: kindsMax })
  // A tool is offered by its policy alone, of which there are few.
  const ofEachPolicy = [...new Map(tools.map((tool) => [nameOf(tool), tool])).values()]
  return {
    of: (ctx: RequestContext): Buffer => {
      const key = ofEachPolicy.map((tool) => (isOfferedTo(ctx, tool) ? 'y' : 'n')).join('')
      const known = lists.get(key)
      if (known !== undefined) return known
      const offered = tools.filter((tool) => isOfferedTo(ctx, tool))
      const made = Buffer.from(JSON.stringify({ tools: offered.map(({ listed }) => listed) }))
      lists.set(key, made)
      return made
    },
  }
}

function nameOf({ operation: { policy } }: Tool): string {
  return typeof policy === 'object' ? policy.permission : policy
}
