import type { Database } from '#db'
import type { Logger } from '#log'
import type { Actor } from './actor.ts'
import type { OwnTokens } from './own-tokens.ts'

export type Clock = () => Date

/** Everything a verb needs to know about the request it serves, whatever the transport. */
export type RequestContext = {
  actor: Actor
  requestId: string
  /** The peer's address as the hub saw it. */
  ip: string | null
  userAgent: string | null
  now: Clock
  db: Database
  log: Logger
  /** Aborts when the caller is gone. */
  signal: AbortSignal
  /** Of whoever made the request, where any instance takes people's own tokens. */
  ownTokens?: OwnTokens | undefined
  /** As whom instances were asked for this request; what is not in it was asked as the hub itself. */
  clusterUsers?: Map<string, string> | undefined
}

/** The same request on behalf of somebody else. What a context makes when it is asked for, it still makes then. */
export function withActor(ctx: RequestContext, actor: Actor): RequestContext {
  return new ActorContext(ctx instanceof ActorContext ? ctx.request : ctx, actor)
}

/** Always of the request itself: a stream takes another actor twice a minute, for as long as it is open. */
class ActorContext implements RequestContext {
  readonly request: RequestContext
  actor: Actor

  constructor(request: RequestContext, actor: Actor) {
    this.request = request
    this.actor = actor
  }

  get requestId() {
    return this.request.requestId
  }

  get ip() {
    return this.request.ip
  }

  get userAgent() {
    return this.request.userAgent
  }

  get now() {
    return this.request.now
  }

  get db() {
    return this.request.db
  }

  get log() {
    return this.request.log
  }

  get signal() {
    return this.request.signal
  }

  get ownTokens() {
    return this.request.ownTokens
  }

  get clusterUsers() {
    return this.request.clusterUsers
  }
}
