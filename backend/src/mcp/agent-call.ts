import { hash } from 'node:crypto'
import type { AgentCall } from '@hub/shared'
import { withAgentCall, type Actor, type RequestContext } from '#context'
import type { AppError } from '#errors'
import { isRecord } from '#kube'
import { parseJson } from './parse-json.ts'

export type Calling = {
  /** What the caller showed. */
  bearer: string
  /** Of the portal, as the caller reached it. */
  origin: string
  /** Writes down what somebody was refused. */
  recordDenial: (ctx: RequestContext, error: AppError) => Promise<AppError>
}

const nameMax = 100
/** Since revision 2026-07-28 every request says it; before, one that a stateless server does not remember. */
const clientInfoKey = 'io.modelcontextprotocol/clientInfo'

/** The request as what an agent does by this tool, or by this method of the protocol. */
export function nameAgentCall(
  ctx: RequestContext,
  called: { bearer: string; envelope: object | undefined; tool: string; signal?: AbortSignal },
): RequestContext {
  const { bearer, envelope, signal, tool } = called
  const info: unknown = (envelope as Record<string, unknown> | undefined)?.[clientInfoKey]
  const { name } = (info ?? {}) as { name?: unknown }
  const call: AgentCall = {
    door: 'mcp',
    tool: toLine(tool),
    ...describeAgent(ctx.actor),
    saidName: typeof name === 'string' && name !== '' ? toLine(name) : null,
    tokenId: readTokenId(bearer),
  }
  return withAgentCall(ctx, call, signal)
}

function describeAgent(actor: Actor): Pick<AgentCall, 'apiToken' | 'clientId'> {
  if (actor.type === 'service' || actor.type === 'guest') {
    return { clientId: actor.clientId, apiToken: null }
  }
  const credential = actor.type === 'user' ? actor.credential : null
  if (credential?.type === 'jwt') return { clientId: credential.clientId, apiToken: null }
  if (credential?.type !== 'token') return { clientId: null, apiToken: null }
  return { clientId: null, apiToken: { id: credential.id, name: credential.name } }
}

function toLine(text: string): string {
  return text.slice(0, nameMax).replaceAll(/[\p{Cc}\p{Cf}]/gu, ' ')
}

/** `jti` where the token has one, else the beginning of its digest. It was verified before. */
function readTokenId(bearer: string): string {
  return readJti(bearer) ?? hash('sha256', bearer).slice(0, 12)
}

function readJti(bearer: string): string | null {
  const [, payload] = bearer.split('.')
  // The hub's own tokens have no parts.
  if (payload === undefined) return null
  const claims = parseJson(Buffer.from(payload, 'base64url').toString('utf8'))
  const jti = isRecord(claims) ? claims['jti'] : null
  return typeof jti === 'string' && /^[\w.:-]{1,100}$/.test(jti) ? jti : null
}
