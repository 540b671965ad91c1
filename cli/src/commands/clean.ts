import { readdirSync, rmdirSync } from 'node:fs'
import { clearKey } from '../cache/clear.ts'
import { isMeant, listKept, listKeys } from '../cache/kept.ts'
import { openStore } from '../cache/store.ts'
import { readCacheOptions } from '../flags/options.ts'
import type { Command } from './command.ts'

/** Deletes what is kept: all of it, or one issuer's or client's. Nobody is told; `logout` tells the provider. */
export const runClean: Command = async ({ env, log, values }) => {
  const { folder } = readCacheOptions(values, env)
  const [issuer, clientId] = [values.text('oidc-issuer-url'), values.text('oidc-client-id')]
  const meant = listKept(folder).filter((kept) => isMeant(kept, { issuer, clientId }))
  const store = openStore({ folder, storage: 'keyring' }, log)
  const isAll = issuer === null && clientId === null
  for (const key of isAll ? listKeys(folder) : meant.map((kept) => kept.key)) {
    await clearKey({ folder, key, log }, () => store.forget(key))
  }
  if (isAll) removeIfEmpty(folder)
  log.say(
    meant.length === 1
      ? 'Deleted one sign-in. The next kubectl signs in again.'
      : `Deleted ${meant.length} sign-ins. The next kubectl signs in again.`,
  )
}

function removeIfEmpty(folder: string): void {
  try {
    if (readdirSync(folder).length === 0) rmdirSync(folder)
  } catch {
    // What is no folder of ours stays.
  }
}
