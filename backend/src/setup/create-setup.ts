import { randomUUID } from 'node:crypto'
import { hasAdministrator, insertGrant, type Configured } from '#access'
import { emitAudit, recordAudit } from '#audit'
import type { Config, ProvidersConfig } from '#config'
import type { Clock, RequestContext } from '#context'
import type { Database } from '#db'
import { AppError } from '#errors'
import type { Logger } from '#log'
import { requireUser } from '#rbac'
import { digestOf } from '#secrets'
import { requireBrowser } from '#tokens'
import { createAttempts } from './attempts.ts'
import { mintCode, normalizeCode } from './one-time-code.ts'
import { deleteCode, insertCode, useSetupCodes } from './store.ts'

const codeHours = 24
/** Every page asks; the answer changes once in a hub's life. */
const freshMs = 1_000

type SetupConfig = Pick<Config, 'groupStaleSeconds' | 'local'> & ProvidersConfig

export type Setup = {
  /** Whether nobody administers this hub yet. */
  isAwaited(ctx: Pick<RequestContext, 'db' | 'now'>): Promise<boolean>
  /** While nobody does, writes a code into the log, which makes its reader the first. Returns what withdraws it. */
  announce(deps: { db: Database; now: Clock; log: Logger }): Promise<() => Promise<void>>
  /**
   * Makes the caller an administrator, if they have the code and nobody is one. Throws `setup-refused`, `conflict`,
   * `too-many-requests`, `forbidden`, `unauthenticated`.
   */
  finish(ctx: RequestContext, code: string): Promise<void>
}
const firstGrant = {
  servicePrincipalId: null,
  role: 'admin',
  instanceId: null,
  namespaces: null,
  limits: null,
  source: 'manual',
  mappingId: null,
  endsAt: null,
  endedAt: null,
  createdBy: 'setup',
}

export function createSetup({
  config,
  configured,
}: {
  config: SetupConfig
  configured: Configured
}): Setup {
  const { groupStaleSeconds, local } = config
  const deps = { configured, groupStaleSeconds, rules: config }
  const attempts = createAttempts()
  let known: { isAwaited: boolean; readAt: number } | null = null

  return {
    async isAwaited({ db, now }) {
      if (local !== null) return false
      const at = now().getTime()
      if (known === null || Math.abs(at - known.readAt) >= freshMs) {
        known = { isAwaited: !(await hasAdministrator(db, deps, now())), readAt: at }
      }
      return known.isAwaited
    },

    async announce({ db, log, now }) {
      const createdAt = now()
      if (local !== null || (await hasAdministrator(db, deps, createdAt))) return async () => {}
      const code = mintCode()
      const codeHash = digestOf(code)
      const expiresAt = new Date(createdAt.getTime() + codeHours * 3_600_000)
      await db.transaction((tx) =>
        insertCode(tx, { codeHash, purpose: 'setup', principal: null, createdAt, expiresAt }),
      )
      log.warn(
        `Nobody administers this hub yet. Sign in to the portal and enter the setup code ${code} to become its first administrator. It is good once, until ${expiresAt.toISOString()} or the hub's next start.`,
      )
      return () => db.transaction((tx) => deleteCode(tx, codeHash))
    },

    async finish(ctx, code) {
      const { principal, userId } = requireUser(ctx.actor)
      requireBrowser(ctx, 'A hub is set up')
      attempts.check(userId, ctx.now())
      try {
        await ctx.db.transaction(async (tx) => {
          const now = ctx.now()
          const codes = await useSetupCodes(tx, now)
          if (await hasAdministrator(tx, deps, now)) {
            throw new AppError('conflict', {
              detail: 'This hub already has an administrator. Ask them for access.',
            })
          }
          if (!codes.includes(digestOf(normalizeCode(code)))) {
            throw new AppError('setup-refused', {
              detail: `That is not the setup code, or it is older than ${codeHours} hours. It is in the hub's log; the hub writes a new one each time it starts.`,
            })
          }
          const id = randomUUID()
          await insertGrant(tx, { ...firstGrant, id, userId, createdAt: now })
          await tx.announce({ topic: 'grants', subject: userId })
          await emitAudit(tx, ctx, {
            action: 'auth.setup',
            outcome: 'success',
            target: { userId, principal },
            after: { grantId: id, role: 'admin' },
          })
        })
      } catch (error) {
        if (error instanceof AppError) {
          if (error.code === 'setup-refused') attempts.fail(userId, ctx.now())
          await recordAudit(ctx, { action: 'auth.setup', outcome: 'failure', reason: error.code })
        }
        throw error
      }
      known = null
      attempts.forget(userId)
    },
  }
}
