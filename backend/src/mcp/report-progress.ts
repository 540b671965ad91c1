import type { ServerContext } from '@modelcontextprotocol/server'
import type { Report } from '#operation'

/** Where a client asked to hear how far a call is (`progressToken`): the way to tell it. */
export function reportProgress({
  _meta,
  notify,
}: Pick<ServerContext['mcpReq'], '_meta' | 'notify'>): Report | undefined {
  const progressToken = _meta?.progressToken
  if (progressToken === undefined) return undefined
  let last = -1
  return ({ message, progress, total }) => {
    // MCP, Progress: the value MUST increase with each notification.
    last = Math.max(progress, last + 0.001)
    const params = { progressToken, progress: last, total, message }
    // Whoever is gone hears nothing.
    void notify({ method: 'notifications/progress', params }).catch(() => {})
  }
}
