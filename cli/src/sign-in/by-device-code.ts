import * as oidc from 'openid-client'
import { Failure, messageOf } from '../failure.ts'
import { answeredError, explainFailure, isUnreachable } from './explain-failure.ts'
import { isSeenHere, openBrowser } from './open-browser.ts'
import { createPkce } from './pkce.ts'
import { toScope } from './scopes.ts'
import type { SignInContext } from './sign-in-context.ts'
import type { TokenAnswer } from './tokens.ts'

type Device = Awaited<ReturnType<typeof oidc.initiateDeviceAuthorization>>

/** What RFC 8628 §3.2 has a client wait that is not told. */
const intervalSeconds = 5
const brokenMax = 5

/** RFC 8628: a code that is entered in a browser on any machine. */
export async function signInByDeviceCode(context: SignInContext): Promise<TokenAnswer> {
  const { log, options, provider } = context
  if (!provider.metadata.device_authorization_endpoint) {
    throw new Failure(
      'usage',
      'The provider has no device code: leave --grant-type=device-code out.',
    )
  }
  const pkce = await createPkce(options.provider.pkce)
  const begin = (isOffline: boolean) =>
    oidc.initiateDeviceAuthorization(provider.configuration, {
      ...options.provider.extraParameters,
      scope: toScope(options.provider.scopes, provider, isOffline),
      ...pkce?.parameters,
    })
  return await explainFailure(options.provider, async () => {
    const device = await begin(true)
      .catch((error: unknown) => {
        if (answeredError(error) !== 'invalid_scope') throw error
        return begin(false)
      })
      .catch((error: unknown) => {
        // Nobody asked for it by name, and not every client may have it.
        if (options.grant.type !== 'auto' || answeredError(error) === null) throw error
        log.debug(`the provider gives this client no device code (${messageOf(error)})`)
        return null
      })
    if (device === null) return await (await import('./by-browser.ts')).signInByBrowser(context)
    log.say(describeDevice(device))
    await openHere(context, device)
    const seconds = Math.min(options.browser.timeoutSeconds, device.expires_in)
    const parameters = pkce ? { code_verifier: pkce.verifier } : {}
    const signal = AbortSignal.timeout(seconds * 1000)
    return await poll(context, device, { parameters, signal }).catch((error: unknown) => {
      throw isTimeout(error)
        ? new Failure('timed-out', `The code was not entered within ${seconds} s: try again.`)
        : error
    })
  })
}

/** Asks until the code was entered. A connection that breaks is no answer: it is waited twice as long (RFC 8628 §3.5). */
async function poll(
  { log, provider }: SignInContext,
  device: Device,
  { parameters, signal }: { parameters: Record<string, string>; signal: AbortSignal },
): Promise<TokenAnswer> {
  for (let broken = 0; ; broken += 1) {
    const interval = (device.interval ?? intervalSeconds) * 2 ** broken
    try {
      const asked = { ...device, interval }
      return await oidc.pollDeviceAuthorizationGrant(provider.configuration, asked, parameters, {
        signal,
      })
    } catch (error) {
      if (broken === brokenMax || signal.aborted || !isUnreachable(error)) throw error
      log.debug(`the provider could not be asked (${messageOf(error)}); asking again`)
    }
  }
}

/** Where there is a screen, the browser of this machine is as good as any; what a provider names may be no address at all. */
async function openHere({ env, log, options }: SignInContext, device: Device): Promise<void> {
  const { browser } = options
  const address = device.verification_uri_complete ?? device.verification_uri
  const isAddress = URL.canParse(address) && /^https?:$/.test(new URL(address).protocol)
  if (!isAddress || !isSeenHere(browser, env)) return
  await openBrowser(new URL(address).href, { command: browser.command, env, log })
}

function describeDevice(device: {
  verification_uri: string
  verification_uri_complete?: string
  user_code: string
}): string {
  const { user_code: code, verification_uri: address, verification_uri_complete: both } = device
  return both === undefined
    ? `Open ${address} in a browser on any machine and enter the code ${code}`
    : `Open this address in a browser on any machine and check that it shows the code ${code}:\n${both}`
}

function isTimeout(error: unknown): boolean {
  const { code, name } = error as { code?: string; name?: string }
  return (
    code === 'OAUTH_TIMEOUT' ||
    code === 'OAUTH_ABORT' ||
    name === 'TimeoutError' ||
    name === 'AbortError'
  )
}
