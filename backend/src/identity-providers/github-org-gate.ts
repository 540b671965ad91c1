import * as z from 'zod'
import type { GithubConfig } from '#config'
import { AppError } from '#errors'
import { providerUnavailable } from './bounded-fetch.ts'
import type { GithubApi } from './github-api.ts'
import type { Memberships } from './github-memberships.ts'

type Org = { id: number; login: string | null }

const OrgAnswer = z.object({ id: z.int().positive() })

/** Lets members of the allowed organizations in; everybody where there are none. Throws `account-not-allowed`. */
export function createOrgGate(
  config: GithubConfig,
): (api: GithubApi, memberships: Memberships) => Promise<void> {
  // Looked up once: who takes over an organization's login later is not let in by it.
  const resolved = new Map<string, Org>()

  async function resolve(api: GithubApi, org: string): Promise<Org | null> {
    if (/^[0-9]+$/.test(org)) return { id: Number(org), login: null }
    const known = resolved.get(org)
    if (known) return known
    const { body, status } = await api.get(`/orgs/${org}`)
    if (status === 404) return null
    const answer = OrgAnswer.safeParse(body)
    if (status !== 200 || !answer.success) {
      throw providerUnavailable('organizations', answer.error ?? new Error(`status ${status}`))
    }
    const found = { id: answer.data.id, login: org }
    resolved.set(org, found)
    return found
  }

  return async (api, memberships) => {
    if (config.allowedOrgs.length === 0) return
    const allowed = (await Promise.all(config.allowedOrgs.map((org) => resolve(api, org)))).filter(
      (org) => org !== null,
    )
    const { omittedOrgs, orgs } = memberships
    if (orgs?.some(({ id }) => allowed.some((org) => org.id === id))) return
    const hidden = allowed.find(({ id }) => omittedOrgs === null || omittedOrgs.includes(id))
    if (hidden || memberships.singleSignOnUrl !== null) {
      throw refuseHidden(config, hidden?.login ?? null, memberships)
    }
    if (orgs === null) {
      throw new AppError('account-not-allowed', {
        detail:
          'The hub could not see your organizations at GitHub, and lets in members of some only. Start again and allow it to read them.',
        cause: new Error('GitHub did not list the organizations'),
      })
    }
    throw new AppError('account-not-allowed', {
      detail:
        'This hub lets in members of certain GitHub organizations, and your account is in none of them. Use another account, or ask an administrator.',
      cause: new Error('GITHUB_ALLOWED_ORGS lists none of the organizations'),
    })
  }
}

function refuseHidden(
  config: GithubConfig,
  login: string | null,
  { singleSignOnUrl }: Memberships,
): AppError {
  const named = login === null ? null : `${config.url}/orgs/${login}/sso`
  const helpUrl = isAtGithub(config, singleSignOnUrl) ? singleSignOnUrl : named
  return new AppError('account-not-allowed', {
    detail:
      'GitHub shows your membership only after you have signed in to your organization there (single sign-on). Do that, then start again.',
    cause: new Error('GitHub left organizations out (X-GitHub-SSO)'),
    ...(helpUrl !== null && { helpUrl }),
  })
}

/** The link goes onto a page of ours: only to GitHub itself. */
function isAtGithub(config: GithubConfig, url: string | null): url is string {
  if (url === null || !URL.canParse(url)) return false
  const { origin, password, username } = new URL(url)
  return origin === new URL(config.url).origin && username === '' && password === ''
}
