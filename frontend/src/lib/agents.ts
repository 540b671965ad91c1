import type { AgentCall } from '@hub/shared'

/** Whose token an agent came with, and what it calls itself. */
export function nameAgent({ apiToken, clientId, saidName }: AgentCall): string {
  const known = apiToken?.name ?? clientId
  return known ?? (saidName === null ? 'An agent' : `“${saidName}”`)
}

/** Everything that is known of an agent, with what it alone says of itself marked so. */
export function describeAgent(call: AgentCall): string {
  const { apiToken, clientId, saidName, tokenId, tool } = call
  return [
    `tool ${tool}`,
    apiToken === null ? null : `API token “${apiToken.name}” (${apiToken.id})`,
    clientId === null ? null : `client ${clientId}`,
    saidName === null ? null : `calls itself “${saidName}”`,
    `token ${tokenId}`,
  ]
    .filter((part) => part !== null)
    .join(' · ')
}
