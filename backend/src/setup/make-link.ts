import { randomBytes } from 'node:crypto'
import { createConfigured, isAdministrator } from '#access'
import { emitAudit } from '#audit'
import type { Config, ProvidersConfig } from '#config'
import type { Clock } from '#context'
import type { Database } from '#db'
import type { Logger } from '#log'
import { findByPrincipal, findCountingPrincipals, findIdentityFault } from '#people'
import { digestOf } from '#secrets'
import { insertCode } from './store.ts'

export const linkMinutes = 15

/** A sentence for the operator. */
export class LinkMistake extends Error {}

type LinkDeps = {
  config: Pick<
    Config,
    'file' | 'gateway' | 'grants' | 'groupStaleSeconds' | 'publicOrigin' | 'production'
  > &
    ProvidersConfig
  db: Database
  now: Clock
  log: Logger
  requestId: string
}

/**
 * Makes a link that signs an administrator in once, within 15 minutes, without their identity provider.
 * Throws LinkMistake.
 */
export async function makeLink(
  deps: LinkDeps,
  principal: string | undefined,
): Promise<{ url: string; principal: string; expiresAt: Date }> {
  const { config, db, log, now, requestId } = deps
  const person = await findAdministrator(deps, principal ?? (await chooseOnly(deps)))
  const code = randomBytes(32).toString('base64url')
  const createdAt = now()
  const expiresAt = new Date(createdAt.getTime() + linkMinutes * 60_000)
  await db.transaction(async (tx) => {
    await insertCode(tx, {
      codeHash: digestOf(code),
      purpose: 'link',
      principal: person.principal,
      createdAt,
      expiresAt,
    })
    await emitAudit(
      tx,
      { actor: { type: 'system' }, requestId, ip: null, now, log },
      {
        action: 'auth.link',
        outcome: 'attempt',
        target: person,
        after: { expiresAt: expiresAt.toISOString() },
      },
    )
  })
  const url = `${originOf(config)}/api/auth/link?code=${code}`
  return { url, principal: person.principal, expiresAt }
}

async function chooseOnly(deps: LinkDeps): Promise<string> {
  const { config, db, now } = deps
  const candidates: string[] = []
  for (const person of await findCountingPrincipals(db, config)) {
    if (await isAdministrator(db, adminDeps(config), person, now()))
      candidates.push(person.principal)
  }
  const [only, ...others] = candidates
  if (only === undefined) {
    throw new LinkMistake(
      'No administrator has ever signed in to this hub, so there is nobody to make a link for. Sign in once through the identity provider; where nobody is an administrator yet, the setup code of the log makes one.',
    )
  }
  if (others.length > 0) {
    throw new LinkMistake(
      `Say for whom: bun run admin:link <principal>. The administrators are ${candidates.toSorted().join(', ')}.`,
    )
  }
  return only
}

async function findAdministrator(
  { config, db, now }: LinkDeps,
  principal: string,
): Promise<{ principal: string; userId: string }> {
  const person = await findByPrincipal(db, config, principal)
  if (person === null) {
    throw new LinkMistake(
      `${principal} has never signed in to this hub, so there is no account to sign in to. Choose an administrator who has, or sign in through the identity provider.`,
    )
  }
  const { identity, user } = person
  if (user.disabledAt !== null) {
    throw new LinkMistake(`${principal} is disabled in this hub. Choose another administrator.`)
  }
  const fault = findIdentityFault(identity, config)
  if (fault !== null) {
    throw new LinkMistake(
      `${principal} does not count in this hub now. ${fault.sentence} Change that, or choose another administrator.`,
    )
  }
  const found = { principal, userId: user.id }
  if (!(await isAdministrator(db, adminDeps(config), found, now()))) {
    throw new LinkMistake(
      `${principal} is not an administrator of this hub. Name one, or add the principal to HUB_ADMINS.`,
    )
  }
  return found
}

function adminDeps(config: LinkDeps['config']) {
  const { groupStaleSeconds } = config
  return { configured: createConfigured(config), groupStaleSeconds, rules: config }
}

function originOf({ production, publicOrigin }: LinkDeps['config']): string {
  if ('origin' in publicOrigin) return publicOrigin.origin
  const [host = 'localhost'] = publicOrigin.hosts
  return `${production ? 'https' : 'http'}://${host}`
}
