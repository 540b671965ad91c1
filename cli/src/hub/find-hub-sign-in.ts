import { Failure, messageOf } from '../failure.ts'
import { readCacheOptions, readTlsOptions, type Environment } from '../flags/options.ts'
import type { Values } from '../flags/flag.ts'
import type { Log } from '../log.ts'
import { keyOf, type HubPlace } from './hub-place.ts'
import type { HubSignIn } from './hub-sign-in.ts'
import { forgetSignIn, keepSignIn, readKeptSignIn, type KeptSignIn } from './kept-sign-in.ts'

/** A cluster's sign-in changes seldom; whoever it changes for would be told 401 until the hub is asked again. */
const freshMs = 3_600_000
/** A hub that is away is asked so seldom that kubectl does not wait for it each time. */
const retryMs = 300_000

/** What was kept while it is fresh, else what the hub says, else what was kept however old it is. Throws what `askHub` throws. */
export async function findHubSignIn(
  place: HubPlace,
  { env, log, values }: { env: Environment; log: Log; values: Values },
): Promise<HubSignIn> {
  const { folder, storage } = readCacheOptions(values, env)
  const [key, now] = [keyOf(place), Date.now()]
  const kept = storage === 'none' ? null : readKeptSignIn(folder, key, place.hub)
  // Another link is another word of the hub's.
  const known = kept !== null && (place.link === null || place.link === kept.link) ? kept : null
  if (known !== null && isRecent(known.askedAt, now, freshMs)) return known.signIn
  if (known !== null && isRecent(known.failedAt, now, retryMs)) return known.signIn
  const keep = (value: KeptSignIn) => {
    if (storage === 'none') return
    try {
      keepSignIn(folder, key, value)
    } catch (error) {
      log.debug(messageOf(error))
    }
  }
  try {
    const { askHub } = await import('./ask-hub.ts')
    const asked = { ...place, link: place.link ?? known?.link ?? null }
    const said = await askHub(asked, { env, log, tls: readTlsOptions(values) })
    if (known !== null && known.signIn.issuer !== said.signIn.issuer) {
      log.say(
        `${place.hub} now signs in to ${place.instance} at ${said.signIn.issuer}, before at ${known.signIn.issuer}.`,
      )
    }
    keep({ ...said, askedAt: now, failedAt: null })
    return said.signIn
  } catch (error) {
    const isAway = error instanceof Failure && error.reason === 'unreachable'
    if (known === null || !isAway) {
      if (known !== null) forgetSignIn(folder, key)
      throw error
    }
    log.debug(`${messageOf(error)} What it said before is used.`)
    keep({ ...known, failedAt: now })
    return known.signIn
  }
}

/** A clock that was set back makes nothing last for ever. */
function isRecent(at: number | null, now: number, forMs: number): boolean {
  return at !== null && at <= now && now - at < forMs
}
