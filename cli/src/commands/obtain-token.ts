import { forgetAttempts, isSpent, readAttempts, writeAttempt } from '../cache/attempts.ts'
import { isUsable, type Entry } from '../cache/entry.ts'
import { withLock } from '../cache/lock.ts'
import type { Store } from '../cache/store.ts'
import { Failure, messageOf } from '../failure.ts'
import type { Options } from '../flags/options.ts'
import type { Log } from '../log.ts'
import { discoverProvider } from '../sign-in/provider.ts'
import { refresh } from '../sign-in/refresh.ts'
import { checkPerson, chooseGrant, needsPerson, signIn } from '../sign-in/sign-in.ts'
import type { Command } from './command.ts'

export type Obtaining = {
  env: Parameters<Command>[0]['env']
  key: string
  kept: Entry | null
  log: Log
  options: Options
  store: Store
}

/** A new token: what another call has got meanwhile, else renewed, else by a sign-in; one at a time for each key. */
export async function obtainToken(call: Obtaining): Promise<Entry> {
  const { key, kept, log, options, store } = call
  const began = Date.now()
  return await withLock({ folder: options.cache.folder, key, log }, async () => {
    const now = await store.read(key)
    if (now !== null && now.token !== kept?.token && isUsable(now)) {
      log.debug('another call has just got a token')
      return now
    }
    const last = now ?? kept
    const renewed = last && (await renew(call, last))
    const entry = renewed ?? (await signInAsOne(call, began))
    try {
      // Whoever signed out meanwhile meant this sign-in.
      const isOver = renewed !== null && now !== null && (await store.read(key)) === null
      if (!isOver) await store.write(key, entry)
    } catch (error) {
      log.say(`${messageOf(error)} This token is used without being kept.`)
    }
    return entry
  })
}

/** While the present token is good, a provider that is away or refuses changes nothing. */
async function renew({ log, options }: Obtaining, last: Entry): Promise<Entry | null> {
  const isStillGood = last.expiresAt > Date.now()
  if (last.refreshToken === null) return null
  try {
    const provider = await discoverProvider(options, log)
    return await refresh({ log, options, provider }, last)
  } catch (error) {
    if (!isStillGood || options.forceRefresh) throw error
    log.debug(`${messageOf(error)} The present token is still good.`)
    return last
  }
}

async function signInAsOne(call: Obtaining, began: number): Promise<Entry> {
  const { env, key, log, options } = call
  const provider = await discoverProvider(options, log)
  await checkPerson({ env, options, provider })
  const attempt = needsPerson(chooseGrant({ env, options, provider }))
    ? beginAttempt(call, began)
    : null
  try {
    const entry = await signIn({ env, log, options, provider })
    if (attempt) forgetAttempts(options.cache.folder, key)
    return entry
  } catch (error) {
    attempt?.fail(messageOf(error))
    throw error
  }
}

/** Where nobody looks, sign-ins that nobody answers end: after three, and for all that waited for the same one. */
function beginAttempt({ key, log, options }: Obtaining, began: number) {
  const { folder } = options.cache
  const attempts = readAttempts(folder, key, Date.now())
  const failedMeanwhile = attempts.findLast(({ at, failure }) => failure !== null && at >= began)
  if (failedMeanwhile) {
    throw new Failure(
      'needs-person',
      `Another kubectl's sign-in failed: ${failedMeanwhile.failure}`,
    )
  }
  if (isSpent(attempts) && !process.stderr.isTTY) {
    throw new Failure(
      'needs-person',
      'Three sign-ins were opened and nobody signed in. Run kubectl in a terminal, or wait 15 minutes.',
    )
  }
  const at = Date.now()
  const write = (failure: string | null) => {
    try {
      const replaced = failure === null ? null : at
      writeAttempt(folder, key, { at: failure === null ? at : Date.now(), failure }, replaced)
    } catch (error) {
      log.debug(messageOf(error))
    }
  }
  write(null)
  return { fail: (failure: string) => write(failure) }
}
