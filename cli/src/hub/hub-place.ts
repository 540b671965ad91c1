import { createHash } from 'node:crypto'
import { Failure } from '../failure.ts'
import { checkAddress } from '../flags/check-address.ts'
import type { Values } from '../flags/flag.ts'

/** Where a hub says how to sign in to a cluster. */
export type HubPlace = {
  /** Its origin. */
  hub: string
  instance: string
  /** What opens it to somebody who is not signed in; null where a token of the hub's does. */
  link: string | null
}

/** Null where the provider is named instead. Throws `usage` for half of it, and for both. */
export function readHubPlace(values: Values): HubPlace | null {
  const [hub, instance, link] = ['hub', 'instance', 'link'].map((name) => values.text(name))
  if (!hub) {
    if (!instance && !link) return null
    throw new Failure('usage', '--hub is missing: --instance and --link belong to a hub.')
  }
  const { origin, pathname } = new URL(checkAddress(hub, '--hub'))
  if (pathname !== '/') throw new Failure('usage', '--hub is https://HOST, without a path.')
  if (!instance) throw new Failure('usage', '--instance is missing: say which cluster.')
  if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(instance)) {
    throw new Failure('usage', '--instance is a name of small letters, digits and hyphens.')
  }
  if (link && !/^[\w-]{22}$/.test(link)) {
    throw new Failure(
      'usage',
      '--link is not a whole link: copy the command again from the page of the instance.',
    )
  }
  for (const name of ['oidc-issuer-url', 'oidc-client-id']) {
    if (values.text(name) === null) continue
    throw new Failure('usage', `--${name} and --hub exclude each other: the hub says it.`)
  }
  return { hub: origin, instance, link: link || null }
}

/** Under which what the hub said is kept. */
export function keyOf({ hub, instance }: HubPlace): string {
  return createHash('sha256')
    .update(JSON.stringify(['hub', hub, instance]))
    .digest('hex')
}
