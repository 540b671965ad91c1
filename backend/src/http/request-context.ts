import { randomUUID } from 'node:crypto'
import type { Context } from 'hono'
import type { Config } from '#config'
import type { Actor, Clock, OwnTokens, RequestContext } from '#context'
import type { Database } from '#db'
import type { Logger } from '#log'
import { readClient } from './client.ts'

export type RequestDeps = {
  config: Pick<Config, 'trustedProxies'>
  db: Database
  log: Logger
  now: Clock
}

/**
 * What costs something and is rarely asked for is made when it is. A class, because getters in an object literal make
 * a hidden class per request, which keeps the whole request in memory until the next full garbage collection.
 */
export class HttpRequestContext implements RequestContext {
  actor: Actor = { type: 'anonymous' }
  readonly requestId = randomUUID()
  ownTokens: OwnTokens | undefined
  readonly clusterUsers = new Map<string, string>()
  readonly now: Clock
  readonly db: Database
  private readonly c: Context
  private readonly config: RequestDeps['config']
  private readonly hubLog: Logger
  private ownLog: Logger | null = null

  constructor(c: Context, { config, db, log, now }: RequestDeps) {
    this.c = c
    this.config = config
    this.hubLog = log
    this.now = now
    this.db = db
  }

  get ip() {
    return readClient(this.c, this.config.trustedProxies).ip
  }

  get userAgent() {
    return this.c.req.header('user-agent') ?? null
  }

  get log() {
    return (this.ownLog ??= this.hubLog.child({ requestId: this.requestId }))
  }

  get signal() {
    return this.c.req.raw.signal
  }
}
