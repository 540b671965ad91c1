import { Failure } from '../failure.ts'
import type { Environment, TlsOptions } from '../flags/options.ts'
import type { Log } from '../log.ts'
import { createProviderFetch } from '../sign-in/provider-fetch.ts'
import type { HubPlace } from './hub-place.ts'
import { readHubSignIn, type HubSignIn } from './hub-sign-in.ts'

const answerMs = 10_000

type Asking = { tls: TlsOptions; env: Environment; log: Log }

/**
 * How to sign in, and the link that opens it. Without a link a token of the hub's in HUB_TOKEN gets it. Throws `refused` where
 * the hub says no, `needs-person` without either, `unreachable` for any other answer.
 */
export async function askHub(
  place: HubPlace,
  asking: Asking,
): Promise<{ signIn: HubSignIn; link: string }> {
  const link = place.link ?? (await askForLink(place, asking))
  const path = `/api/instances/${place.instance}/sign-in?link=${link}`
  const signIn = readHubSignIn(await askJson(place.hub, path, {}, asking), place.hub)
  return { signIn, link }
}

async function askForLink({ hub, instance }: HubPlace, asking: Asking): Promise<string> {
  const token = asking.env['HUB_TOKEN']
  if (!token) {
    throw new Failure(
      'needs-person',
      `${hub} tells nobody unknown how to sign in to ${instance}: take the command with its --link from the page of the instance, or export HUB_TOKEN.`,
    )
  }
  const headers = { authorization: `Bearer ${token}` }
  const path = `/api/instances/${instance}/kubeconfig`
  const { link } = Object(await askJson(hub, path, headers, asking)) as { link?: unknown }
  if (typeof link === 'string' && /^[\w-]{22}$/.test(link)) return link
  throw new Failure(
    'unreachable',
    `${hub} gives no link for ${instance}: it is an older hub, or none.`,
  )
}

async function askJson(
  hub: string,
  path: string,
  headers: Record<string, string>,
  { log, tls }: Asking,
): Promise<unknown> {
  const asking = createProviderFetch(tls, {}, log)
  const answer = await asking.fetch(hub + path, {
    headers: { accept: 'application/json', ...headers },
    // A link and a token are for this hub alone.
    redirect: 'manual',
    signal: AbortSignal.timeout(answerMs),
  })
  const [type = ''] = (answer.headers.get('content-type') ?? '').split(';')
  const body = type.endsWith('json') ? await answer.json().catch(() => null) : null
  if (answer.status === 200 && body !== null) return body
  const { detail } = Object(body) as { detail?: unknown }
  if (type === 'application/problem+json' && answer.status < 500 && answer.status !== 429) {
    throw new Failure(
      'refused',
      `${hub} says: ${typeof detail === 'string' ? detail.slice(0, 1000) : answer.status}`,
    )
  }
  const [place] = (answer.headers.get('location') ?? '').split('?')
  throw new Failure(
    'unreachable',
    `${hub} does not answer as a hub does: it answers ${answer.status} ${place ? `and leads to ${place.slice(0, 200)}` : `with ${type || 'nothing'}`}. Check --hub, and the network between.`,
  )
}
