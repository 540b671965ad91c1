import * as z from 'zod'
import type { Group, ProvenGroups } from '#people'
import type { ProviderAnswer } from './bounded-fetch.ts'
import { cleanText } from './clean-text.ts'
import type { GithubApi } from './github-api.ts'

/** As a database can keep it. */
const Name = z.string().transform(cleanText)
const Org = z.object({ id: z.int().positive(), login: Name })
const Team = z.object({ id: z.int().positive(), slug: Name, organization: Org })

export type Memberships = {
  /** Null where GitHub did not say. */
  orgs: readonly { id: number; login: string }[] | null
  teams: readonly z.infer<typeof Team>[] | null
  /** How many entries of both made no sense and were left out. */
  dropped: number
  /** Ids of organizations that GitHub left out until the person signs in to them; null where it does not say which. */
  omittedOrgs: readonly number[] | null
  /** Where the person signs in to one of them, as GitHub says. */
  singleSignOnUrl: string | null
  /** Why there was no answer at all; null where there was one. */
  failure: unknown
}

/** The person's organizations and teams, with what GitHub left out. */
export async function readMemberships(api: GithubApi): Promise<Memberships> {
  let failure: unknown = null
  const readAll = (path: string) =>
    api.getAll(path).catch((error: unknown) => {
      failure = error
      return null
    })
  const [orgs, teams] = await Promise.all([readAll('/user/orgs'), readAll('/user/teams')])
  const pages = [...(orgs ?? []), ...(teams ?? [])]
  const notes = pages.flatMap(({ headers }) => headers.get('x-github-sso') ?? [])
  const omitted = notes.flatMap((note) => /^partial-results;\s*(.*)$/i.exec(note)?.[1] ?? [])
  const required = notes.flatMap((note) => /^required;\s*url=(\S+)$/i.exec(note)?.[1] ?? [])
  const [parsedOrgs, parsedTeams] = [parsePages(orgs, Org), parsePages(teams, Team)]
  return {
    orgs: parsedOrgs?.items ?? null,
    teams: parsedTeams?.items ?? null,
    dropped: (parsedOrgs?.dropped ?? 0) + (parsedTeams?.dropped ?? 0),
    omittedOrgs: readOmitted(omitted),
    singleSignOnUrl: required[0] ?? null,
    failure,
  }
}

/**
 * Groups as mappings name them: `org:<id>` and `team:<id>`, by number, because logins and slugs change hands, and apart,
 * because an organization and a team can have the same number.
 */
export function presentMemberships(memberships: Memberships): ProvenGroups {
  const { dropped, omittedOrgs, orgs, teams } = memberships
  if (orgs === null || teams === null) {
    const reason = memberships.failure ?? new Error('GitHub did not list organizations or teams')
    return { groupsState: 'unknown', groups: null, reason }
  }
  const groups = new Map<string, Group>()
  for (const { id, login } of [...orgs, ...teams.map(({ organization }) => organization)]) {
    groups.set(`org:${id}`, { id: `org:${id}`, name: login })
  }
  for (const { id, organization, slug } of teams) {
    groups.set(`team:${id}`, { id: `team:${id}`, name: `${organization.login}/${slug}` })
  }
  const isComplete = omittedOrgs !== null && omittedOrgs.length === 0
  return isComplete
    ? { groupsState: 'fresh', groups: [...groups.values()], ...(dropped > 0 && { dropped }) }
    : {
        ...(dropped > 0 && { dropped }),
        groupsState: 'stale',
        groups: [...groups.values()],
        omittedParents: omittedOrgs?.map((id) => `org:${id}`) ?? null,
        reason: new Error('organizations with single sign-on were left out (X-GitHub-SSO)'),
      }
}

function readOmitted(notes: readonly string[]): number[] | null {
  const ids = new Set<number>()
  for (const note of notes) {
    const list = /^organizations=([0-9]+(?:,\s*[0-9]+)*)$/.exec(note.trim())?.[1]
    if (list === undefined) return null
    for (const id of list.split(',')) ids.add(Number(id))
  }
  return [...ids]
}

// People can deny a scope, and GitHub then answers with an empty list: only what the token may read is known.
function mayReadOrgs({ headers }: ProviderAnswer): boolean {
  const scopes = (headers.get('x-oauth-scopes') ?? '').split(',').map((scope) => scope.trim())
  return scopes.some((scope) => ['read:org', 'write:org', 'admin:org'].includes(scope))
}

/** Null where a page is none. An entry that makes no sense hides no other. */
function parsePages<Item>(
  pages: readonly ProviderAnswer[] | null,
  schema: z.ZodType<Item>,
): { items: Item[]; dropped: number } | null {
  if (pages === null) return null
  const items: Item[] = []
  let dropped = 0
  for (const page of pages) {
    if (page.status !== 200 || !mayReadOrgs(page) || !Array.isArray(page.body)) return null
    for (const entry of page.body as unknown[]) {
      const parsed = schema.safeParse(entry)
      if (parsed.success) items.push(parsed.data)
      else dropped += 1
    }
  }
  return items.length === 0 && dropped > 0 ? null : { items, dropped }
}
