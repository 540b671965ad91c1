import { isUsable, type Entry } from '../cache/entry.ts'
import { toCacheKey } from '../cache/cache-key.ts'
import { noteHanded, wasHanded } from '../cache/handed.ts'
import { openStore } from '../cache/store.ts'
import { readExecRequest, renderExecCredential } from '../exec/exec-credential.ts'
import { messageOf } from '../failure.ts'
import { readOptions, type Options } from '../flags/options.ts'
import type { Log } from '../log.ts'
import { readHubPlace } from '../hub/hub-place.ts'
import type { Command, CommandContext } from './command.ts'

/** Prints what kubectl asks for. From a good cache it asks nobody: everything else is loaded when it is needed. */
export const runGetToken: Command = async (call) => {
  const { env, log, print } = call
  const request = readExecRequest(env)
  const options = readOptions(await readValues(call), env)
  const key = toCacheKey(options)
  const store = openStore(options.cache, log)
  const kept = await store.read(key)
  const isGood = kept !== null && !options.forceRefresh && isUsable(kept)
  const isRefused = isGood && request.isByKubectl && wasGivenBefore(options, key, kept)
  const entry =
    isGood && !(isRefused && kept.refreshToken !== null)
      ? kept
      : await (
          await import('./obtain-token.ts')
        ).obtainToken({ env, key, kept, log, options, store })
  if (entry === kept) log.debug('from the cache')
  if (isRefused && entry === kept) {
    log.say('If the cluster does not take this token, sign out with "logout" and sign in again.')
  }
  if (request.isByKubectl) noteGiven(options, key, entry, log)
  print(renderExecCredential(request.apiVersion, entry))
}

/** With what a hub says, where one is named. */
async function readValues({ env, log, values }: CommandContext): Promise<CommandContext['values']> {
  const place = readHubPlace(values)
  if (place === null) return values
  const { findHubSignIn } = await import('../hub/find-hub-sign-in.ts')
  const { withHub } = await import('../hub/with-hub.ts')
  return withHub(values, await findHubSignIn(place, { env, log, values }))
}

function wasGivenBefore({ cache }: Options, key: string, { token }: Entry): boolean {
  return cache.storage !== 'none' && wasHanded(cache.folder, key, { token, now: Date.now() })
}

function noteGiven({ cache }: Options, key: string, { token }: Entry, log: Log): void {
  if (cache.storage === 'none') return
  try {
    noteHanded(cache.folder, key, { token, now: Date.now() })
  } catch (error) {
    log.debug(messageOf(error))
  }
}
