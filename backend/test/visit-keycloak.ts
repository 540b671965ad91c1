import type { HubRealm } from './keycloak.ts'

export type Jar = Map<string, string>

/** As a browser would, with its cookies there, and no redirect followed. */
export async function visit(
  url: URL | string,
  jar: Jar,
  form?: URLSearchParams,
): Promise<Response> {
  const response = await fetch(url, {
    redirect: 'manual',
    headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') },
    ...(form && { method: 'POST', body: form }),
  })
  for (const line of response.headers.getSetCookie()) {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!
    if (value === '' || /max-age=0/i.test(line)) jar.delete(name!)
    else jar.set(name!, value!)
  }
  return response
}

/** Fills in Keycloak's own form and returns where it leads. */
export async function signInThere(
  authorizationUrl: URL,
  keycloak: HubRealm,
  jar: Jar = new Map(),
): Promise<URL> {
  const page = await (await visit(authorizationUrl, jar)).text()
  const action = /<form[^>]+action="([^"]+)"/.exec(page)?.[1]?.replaceAll('&amp;', '&')
  if (!action) throw new Error('Keycloak showed no form.')
  const { password, username } = keycloak
  const answer = await visit(action, jar, new URLSearchParams({ username, password }))
  const location = answer.headers.get('location')
  if (!location) throw new Error(`Keycloak answered ${answer.status} to the password.`)
  return new URL(location)
}
