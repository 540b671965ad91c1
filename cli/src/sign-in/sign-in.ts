import type { Entry } from '../cache/entry.ts'
import { Failure } from '../failure.ts'
import type { GrantType } from '../flags/known-flags.ts'
import { isScreenLocked } from './is-screen-locked.ts'
import { hasScreen, isSeenHere } from './open-browser.ts'
import type { SignInContext } from './sign-in-context.ts'
import { toEntry, type TokenAnswer } from './tokens.ts'

type Grant = Exclude<GrantType, 'auto'>

/** Signs in by the grant that was chosen, or that fits where this runs. */
export async function signIn(context: SignInContext): Promise<Entry> {
  const grant = chooseGrant(context)
  context.log.debug(`signing in by ${grant}`)
  const answer = await run(grant, context)
  return toEntry(answer, context.options.provider, {
    now: Date.now(),
    skewSeconds: context.provider.skewSeconds,
    isForService: grant === 'client-credentials',
  })
}

/** Throws `needs-person` where somebody has to sign in and may not be asked, or would not see that they are. */
export async function checkPerson(context: Omit<SignInContext, 'log'>): Promise<void> {
  const grant = chooseGrant(context)
  if (!needsPerson(grant)) return
  const { env, options } = context
  if (env['KUBECONFIG_NONINTERACTIVE']) {
    throw new Failure(
      'needs-person',
      'Somebody has to sign in, and KUBECONFIG_NONINTERACTIVE forbids asking: run kubectl once without it.',
    )
  }
  // Programs that call kubectl all night would open one tab after another.
  const isOpened =
    (grant === 'authcode' && options.browser.isOpened) ||
    (grant === 'device-code' && isSeenHere(options.browser, env))
  if (isOpened && !process.stderr.isTTY && (await isScreenLocked(env))) {
    throw new Failure(
      'needs-person',
      'Somebody has to sign in, and the screen is locked: unlock it, and run kubectl again.',
    )
  }
}

export function chooseGrant({ env, options, provider }: Omit<SignInContext, 'log'>): Grant {
  const { browser, grant } = options
  if (grant.type !== 'auto') return grant.type
  if (grant.username !== null) return 'password'
  const isBrowserMeant = browser.command !== null || !browser.isOpened || hasScreen(env)
  const hasDeviceCode = provider.metadata.device_authorization_endpoint !== undefined
  return isBrowserMeant || !hasDeviceCode ? 'authcode' : 'device-code'
}

export function needsPerson(grant: Grant): boolean {
  return grant !== 'client-credentials' && grant !== 'password'
}

async function run(grant: Grant, context: SignInContext): Promise<TokenAnswer> {
  switch (grant) {
    case 'authcode':
      return await (await import('./by-browser.ts')).signInByBrowser(context)
    case 'authcode-keyboard':
      return await (await import('./by-keyboard.ts')).signInByKeyboard(context)
    case 'device-code':
      return await (await import('./by-device-code.ts')).signInByDeviceCode(context)
    case 'client-credentials':
      return await (await import('./by-client-credentials.ts')).signInByClientCredentials(context)
    case 'password':
      return await (await import('./by-password.ts')).signInByPassword(context)
  }
}
