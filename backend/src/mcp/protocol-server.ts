import {
  ProtocolError,
  ProtocolErrorCode,
  Server,
  type JSONRPCRequest,
  type Result,
  type ServerContext,
} from '@modelcontextprotocol/server'
import * as z from 'zod'
import { parseJson } from './parse-json.ts'

type Handler = (request: JSONRPCRequest, ctx: ServerContext) => Promise<Result>

const issuesTold = 5
/** What the SDK says of a request that is not of the protocol's form. */
const Issues = z.array(
  z.object({ path: z.array(z.union([z.string(), z.number()])), message: z.string() }),
)

/**
 * The SDK's server, but that a request which is not of the protocol's form is the caller's fault (JSON-RPC 2.0 §5.1,
 * -32602), in a sentence that names the field: the SDK tells most of them as the server's own, and all as a schema's.
 */
export class ProtocolServer extends Server {
  protected override _wrapHandler(method: string, handler: Handler): Handler {
    const wrapped = super._wrapHandler(method, handler)
    return async (request, ctx) => {
      try {
        return await wrapped(request, ctx)
      } catch (error) {
        const faults = readFaults(error)
        if (faults === null) throw error
        throw new ProtocolError(
          ProtocolErrorCode.InvalidParams,
          `The request ${method} is not in the protocol's form: ${faults}.`,
        )
      }
    }
  }
}

/** Null for what is none of the SDK's: their message is a list of issues as JSON. */
function readFaults(error: unknown): string | null {
  if (!(error instanceof Error)) return null
  const isOwn =
    !(error instanceof ProtocolError) && Object.getPrototypeOf(error) !== Error.prototype
  if (isOwn) return null
  const { data } = Issues.safeParse(parseJson(error.message.replace(/^Invalid \S+ request: /, '')))
  if (!data) return null
  return data
    .slice(0, issuesTold)
    .map(({ message, path }) => `${path.join('.')}: ${message}`)
    .join('; ')
}
