import type { Grant, Role } from '@hub/shared'
import { hubOrigin, socketOf, type Browser, type TestHub } from './hub.ts'
import type { TokenIssuer } from './token-issuer.ts'

/** Where the census asks: grants are for all, for this place, or beside it. */
export const here = { instance: 'prod-east', namespace: 'ml-team' }
export const elsewhere = { instance: 'prod-west', namespace: 'other-team' }

const reaches = {
  all: { instanceId: null, namespaces: null },
  here: { instanceId: here.instance, namespaces: [here.namespace] },
  'another namespace': { instanceId: here.instance, namespaces: [elsewhere.namespace] },
  'another instance': { instanceId: elsewhere.instance, namespaces: [here.namespace] },
} as const
type Reach = keyof typeof reaches

export type Caller = {
  name: string
  kind: 'session' | 'token' | 'program' | 'nobody'
  principal: string | null
  /** What is to count for this caller, worked out by hand. */
  grants: Grant[]
  ask(path: string, init?: RequestInit): Promise<Response>
}

type Person = { name: string; subject: string; role: Role | null; reach: Reach }

/** Everybody of the table: nobody with a role, and each role in each reach. */
const people: readonly Person[] = [
  { name: 'nothing', subject: 'none', role: null, reach: 'all' },
  ...(['viewer', 'deployer', 'admin'] as const).flatMap((role) =>
    (Object.keys(reaches) as Reach[]).map((reach) => ({
      name: `${role}, ${reach}`,
      subject: `${role}-${reach.replace(' ', '-')}`,
      role,
      reach,
    })),
  ),
]

/** Tokens that are less than their owner, or would be more. */
const oddTokens = [
  { owner: 'admin-all', ceiling: 'viewer', instanceIds: null, is: ['viewer', null] },
  { owner: 'admin-all', ceiling: 'deployer', instanceIds: null, is: ['deployer', null] },
  {
    owner: 'deployer-all',
    ceiling: 'deployer',
    instanceIds: [elsewhere.instance],
    is: ['deployer', elsewhere.instance],
  },
  {
    owner: 'admin-all',
    ceiling: 'deployer',
    instanceIds: [here.instance],
    is: ['deployer', here.instance],
  },
  { owner: 'viewer-all', ceiling: 'admin', instanceIds: null, is: ['viewer', null] },
] as const

function grantOf(
  role: Role,
  scope: { instanceId: string | null; namespaces: readonly string[] | null },
): Grant {
  const { instanceId, namespaces } = scope
  return {
    id: 'by-hand',
    role,
    instanceId,
    namespaces: namespaces && [...namespaces],
    source: 'manual',
    endsAt: null,
  }
}

/** What the configuration grants, as `HUB_GRANTS` takes it: an admin of a place cannot be configured. */
export function configuredGrants(issuer: TokenIssuer): string {
  const ofPeople = people.flatMap(({ reach, role, subject }) =>
    role === null || (role === 'admin' && reach !== 'all')
      ? []
      : [{ principal: `oidc:${subject}`, role, ...reaches[reach] }],
  )
  const ofPrograms = (['viewer', 'deployer', 'admin'] as const).map((role) => ({
    principal: `service:program-${role}@${issuer.issuer}`,
    role,
  }))
  return JSON.stringify([...ofPeople, ...ofPrograms])
}

/** An admin grant for a place, which gives nothing; only a hand in the database could make one. */
export function impossibleGrants(): { subject: string; grant: Grant }[] {
  return people.flatMap(({ reach, role, subject }) =>
    role === 'admin' && reach !== 'all' ? [{ subject, grant: grantOf(role, reaches[reach]) }] : [],
  )
}

/** Everybody who asks: each person by session and by token, odd tokens, programs, and nobody. */
export async function makeCallers(hub: TestHub, issuer: TokenIssuer): Promise<Caller[]> {
  const browsers = new Map<string, Browser>()
  const callers: Caller[] = []
  for (const { name, reach, role, subject } of people) {
    const browser = hub.browser()
    await browser.signIn(subject)
    browsers.set(subject, browser)
    const grants = role === null ? [] : [grantOf(role, reaches[reach])]
    const who = { principal: `oidc:${subject}`, grants }
    const token = await makeToken(browser, role ?? 'viewer', null)
    callers.push(
      { name: `session of ${name}`, kind: 'session', ...who, ask: browser.request },
      { name: `token of ${name}`, kind: 'token', ...who, ask: byBearer(hub, token) },
    )
  }
  for (const { ceiling, instanceIds, is, owner } of oddTokens) {
    const [role, instanceId] = is
    const token = await makeToken(browsers.get(owner)!, ceiling, instanceIds)
    callers.push({
      name: `token of ${owner} up to ${ceiling} on ${instanceIds?.join() ?? 'all'}`,
      kind: 'token',
      principal: `oidc:${owner}`,
      grants: [grantOf(role, { instanceId, namespaces: null })],
      ask: byBearer(hub, token),
    })
  }
  for (const role of ['viewer', 'deployer', 'admin'] as const) {
    const id = `program-${role}`
    // For as long as a slow machine takes to ask everything.
    const exp = Math.floor(Date.now() / 1000) + 3_600
    const token = await issuer.sign({ sub: id, azp: id, exp })
    const caller: Caller = {
      name: `program with ${role}`,
      kind: 'program',
      principal: `service:${id}@${issuer.issuer}`,
      grants: [grantOf(role, reaches.all)],
      ask: byBearer(hub, token),
    }
    // The first request of a program makes it known.
    await caller.ask('/api/instances')
    callers.push(caller)
  }
  const stranger = hub.browser()
  callers.push({
    name: 'nobody',
    kind: 'nobody',
    principal: null,
    grants: [],
    ask: stranger.request,
  })
  return callers
}

async function makeToken(
  browser: Browser,
  roleCeiling: Role,
  instanceIds: readonly string[] | null,
): Promise<string> {
  const input = { name: 'census', roleCeiling, instanceIds, expiresInDays: 1 }
  const response = await browser.send('POST', '/api/auth/tokens', input)
  return ((await response.json()) as { secret: string }).secret
}

let addresses = 0

/** From an address of its own. */
function byBearer(hub: TestHub, token: string): Caller['ask'] {
  addresses += 1
  const peer = `10.9.${addresses >> 8}.${addresses & 255}`
  return async (path, init = {}) => {
    const headers = new Headers(init.headers)
    headers.set('authorization', `Bearer ${token}`)
    headers.set('host', new URL(hubOrigin).host)
    return hub.app.request(`${hubOrigin}${path}`, { ...init, headers }, socketOf(peer, headers))
  }
}
