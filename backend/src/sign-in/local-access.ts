import { createHmac, randomBytes } from 'node:crypto'
import type { Config } from '#config'
import { isCaller, type Actor, type UserActor } from '#context'
import { AppError } from '#errors'
import { invalidToken } from '#bearers'
import { isSameText } from '#secrets'

/** The way into local mode: who has the secret of the printed address is the person who started the hub. */
export type LocalAccess = {
  user: UserActor
  /** Goes to the terminal of whoever started the hub, and nowhere else. */
  secret: string
  /** What a browser keeps that came with the secret. It ends with the secret, and is not the secret. */
  cookie: string
  isSecret(text: string): boolean
  byCookie(cookie: string | undefined): Actor
  /** Throws `invalid-token`. */
  byBearer(token: string): Actor
  /** Throws `unauthenticated`, with the way in. */
  require(actor: Actor): void
}

/** Null in hub mode, where people sign in. The secret is a new one unless the configuration has it. */
export function createLocalAccess({
  config: { local },
  restingInstances,
}: {
  config: Pick<Config, 'local'>
  restingInstances: ReadonlySet<string>
}): LocalAccess | null {
  if (local === null) return null
  const user = describeUser(local.user, restingInstances)
  const secret = local.secret ?? randomBytes(32).toString('base64url')
  const cookie = createHmac('sha256', secret).update('hub local cookie').digest('base64url')
  const isSecret = (text: string) => isSameText(text, secret)
  return {
    user,
    secret,
    cookie,
    isSecret,
    byCookie: (value) =>
      value !== undefined && isSameText(value, cookie) ? user : { type: 'anonymous' },
    byBearer: (token) => {
      if (isSecret(token)) return user
      throw invalidToken(
        null,
        'In local mode the one bearer token is that of the address which the hub printed when it started.',
      )
    },
    require: (actor) => {
      if (isCaller(actor)) return
      throw new AppError('unauthenticated', {
        detail:
          'Open the address that the hub printed when it started, or send its token as "Authorization: Bearer <token>".',
      })
    },
  }
}

function describeUser(name: string, restingInstances: ReadonlySet<string>): UserActor {
  return {
    type: 'user',
    userId: 'local',
    principal: `local:${name}`,
    displayName: name,
    email: null,
    provider: 'local',
    credential: { type: 'local' },
    grants: [
      {
        id: 'local',
        role: 'admin',
        instanceId: null,
        namespaces: null,
        source: 'config',
        endsAt: null,
      },
    ],
    restingInstances,
  }
}
