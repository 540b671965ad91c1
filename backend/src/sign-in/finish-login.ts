import { reconcileGroups } from '#access'
import { emitAudit, recordAudit } from '#audit'
import type { RequestContext } from '#context'
import { AppError } from '#errors'
import { signInUser, type ProvenIdentity } from '#people'
import { digestOf, isSameText } from '#secrets'
import { getProvider, isOfflineRefusal, OfflineRefused, signInTimeoutMs } from '#identity-providers'
import { endSessions, openSession, type OpenedSession } from '#sessions'
import type { SignInDeps } from './deps.ts'
import { loginSeconds, type LoginTransaction } from './login-cookie.ts'
import { refuseForeignEmail } from './refuse-email.ts'
import { restartLogin, type StartedLogin } from './start-login.ts'
import { consumeLogin } from './store.ts'

export type Callback = {
  provider: string
  /** The callback's parameters as they came, repeated ones included. */
  parameters: URLSearchParams
  /** The login cookie that belongs to the callback's state, if this browser has it. */
  cookie: string | undefined
}

export type FinishedLogin = OpenedSession & { returnTo: string }

/** The browser goes to the provider once more, because this person may not give the hub `offline_access`. */
export type RestartedLogin = { again: StartedLogin }

/**
 * Ends a sign-in: verifies the provider's answer, finds or makes the person, opens a session. Or begins it again without
 * `offline_access`, once.
 * Throws `account-not-allowed`, `login-expired`, `login-refused`, `login-failed`, `provider-not-enabled`,
 * `provider-unavailable`; each leaves an audit row.
 */
export async function finishLogin(
  ctx: RequestContext,
  deps: SignInDeps,
  callback: Callback,
): Promise<FinishedLogin | RestartedLogin> {
  try {
    const provider = getProvider(deps, callback.provider)
    const state = single(callback.parameters, 'state')
    const login = await openLogin(deps, callback, provider.id, state)
    await consume(ctx, state)
    const mayRestart = provider.asksForOffline === true && !login.withoutOffline
    const restart = async () => {
      ctx.log.info({ provider: provider.id }, 'offline_access is refused; asking without it')
      return { again: await restartLogin(deps, login) }
    }
    if (mayRestart && isOfflineRefusal(callback.parameters.get('error'))) return await restart()
    refuseProviderError(callback.parameters)
    const redeemed = provider.redeem({
      code: single(callback.parameters, 'code'),
      iss: callback.parameters.has('iss') ? single(callback.parameters, 'iss') : undefined,
      nonce: login.nonce,
      codeVerifier: login.codeVerifier,
      redirectUri: login.redirectUri,
      authenticatedAfter: login.authenticatedAfter,
      withoutOffline: login.withoutOffline,
      signal: AbortSignal.any([ctx.signal, AbortSignal.timeout(signInTimeoutMs)]),
    })
    const identity = await redeemed.catch((error: unknown) => {
      if (mayRestart && error instanceof OfflineRefused) return null
      throw error
    })
    if (identity === null) return await restart()
    refuseForeignEmail(deps.config, identity)
    if (identity.groupsState !== 'fresh') {
      const { principal, reason } = identity
      ctx.log.warn({ error: reason, principal }, 'not all groups could be looked up')
    }
    const { dropped = 0 } = identity
    if (dropped > 0) {
      const { principal } = identity
      ctx.log.warn({ dropped, principal }, 'entries that name no group were left out')
    }
    return { returnTo: login.returnTo, ...(await signIn(ctx, deps, identity)) }
  } catch (error) {
    await recordAudit(ctx, {
      action: 'auth.sign-in',
      outcome: 'failure',
      target: { provider: callback.provider.slice(0, 64) },
      reason: error instanceof AppError ? error.code : 'internal',
    })
    throw error
  }
}

function single(parameters: URLSearchParams, name: string): string {
  const [value, ...more] = parameters.getAll(name)
  if (value === undefined || value === '' || more.length > 0) throw expired(`${name} is not single`)
  return value
}

async function openLogin(
  deps: SignInDeps,
  callback: Callback,
  providerId: string,
  state: string,
): Promise<LoginTransaction> {
  if (callback.cookie === undefined) throw expired('this browser began no such sign-in')
  const login = await deps.loginCookie.open(callback.cookie)
  if (!login) throw expired('the login cookie is no longer valid')
  if (login.provider !== providerId) throw expired('the sign-in began at another provider')
  if (!isSameText(login.state, state)) throw expired("the state is another sign-in's")
  return login
}

// RFC 9700 §4.7: a state is used once, whichever replica sees it, and before anything goes over the network.
async function consume(ctx: RequestContext, state: string): Promise<void> {
  const expiresAt = new Date(ctx.now().getTime() + loginSeconds * 1000)
  const isFirst = await ctx.db.transaction((tx) => consumeLogin(tx, digestOf(state), expiresAt))
  if (!isFirst) throw expired('this callback was used before')
}

// RFC 6749 §4.1.2.1: the provider's own description is never shown, because anyone can write it into a link.
function refuseProviderError(parameters: URLSearchParams): void {
  const error = parameters.get('error')
  if (error === null) return
  const description = parameters.get('error_description')?.slice(0, 512) ?? ''
  const cause = new Error(`provider answered ${error.slice(0, 64)}: ${description}`)
  switch (error) {
    case 'access_denied':
      throw new AppError('login-refused', {
        detail: 'Sign-in was cancelled or refused at the identity provider.',
        cause,
      })
    case 'login_required':
    case 'interaction_required':
    case 'consent_required':
    case 'account_selection_required':
      throw new AppError('login-failed', {
        detail:
          'The identity provider needs more from you first. Start again and answer its questions.',
        cause,
      })
    case 'application_suspended':
    case 'invalid_request':
    case 'invalid_request_object':
    case 'invalid_scope':
    case 'redirect_uri_mismatch':
    case 'unauthorized_client':
    case 'unsupported_response_type':
      throw new AppError('login-failed', {
        detail:
          'The identity provider refuses the hub itself. Tell an administrator: the log has the reason.',
        cause,
      })
    case 'server_error':
    case 'temporarily_unavailable':
      throw new AppError('provider-unavailable', {
        detail: 'The identity provider has a problem of its own. Try again in a moment.',
        cause,
      })
    default:
      throw new AppError('login-failed', {
        detail:
          'The identity provider did not complete the sign-in. Try again; if it keeps happening, tell an administrator.',
        cause,
      })
  }
}

async function signIn(
  ctx: RequestContext,
  deps: SignInDeps,
  identity: ProvenIdentity,
): Promise<OpenedSession> {
  const now = ctx.now()
  const { insert, ...opened } = await openSession(ctx, deps, now)
  const { idToken, providerSessionId, tokens } = identity
  const { sealedText } = deps
  const idTokenSealed = idToken === null ? null : await sealedText.seal(idToken)
  const tokensSealed = tokens && (await sealedText.seal(JSON.stringify(tokens)))
  const { actor } = ctx
  await ctx.db.transaction(async (tx) => {
    const ids = await signInUser(tx, identity, tokensSealed, now)
    const { identityId, userId } = ids
    const { config, configured } = deps
    const reconciling = { configured, groupStaleSeconds: config.groupStaleSeconds }
    await reconcileGroups(tx, ctx, reconciling, {
      userId,
      proof: { identityId, proven: identity },
    })
    // The browser forgets the session that it had: nobody could end it any more.
    if (actor.type === 'user' && actor.credential.type === 'session') {
      await endSessions(tx, { id: actor.credential.id }, now, 'signed in again')
    }
    await insert(tx, {
      ...ids,
      providerSessionId,
      idTokenSealed,
      // A provider whose clock is ahead makes nobody fresh for longer.
      authenticatedAt: identity.authenticatedAt < now ? identity.authenticatedAt : now,
      userAgent: ctx.userAgent,
    })
    await emitAudit(tx, ctx, {
      action: 'auth.sign-in',
      outcome: 'success',
      actor: { principal: identity.principal, userId: ids.userId },
      target: { provider: identity.provider, issuer: identity.issuer, subject: identity.subject },
      after: {
        groups: identity.groups?.length ?? null,
        groupsState: identity.groupsState,
        ...(identity.dropped && { groupsDropped: identity.dropped }),
      },
    })
  })
  return opened
}

function expired(reason: string): AppError {
  return new AppError('login-expired', {
    detail: 'This sign-in has expired or was begun in another browser. Start again.',
    cause: new Error(reason),
  })
}
