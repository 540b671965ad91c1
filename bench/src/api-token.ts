/** An API token of whoever has signed in. */
export async function makeToken(origin: string, cookie: string): Promise<string> {
  const response = await fetch(`${origin}/api/auth/tokens`, {
    method: 'POST',
    headers: { cookie, origin, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'bench', roleCeiling: 'viewer', expiresInDays: 1 }),
  })
  if (!response.ok) throw new Error(`No token: ${response.status} ${await response.text()}`)
  return ((await response.json()) as { secret: string }).secret
}
