import { randomUUID } from 'node:crypto'
import {
  isVerifierOf,
  readClient,
  startJsonServer,
  type JsonAnswer,
  type JsonRequest,
} from './json-server.ts'

export type GithubOrg = { id: number; login: string }

export type GithubPerson = {
  id: number
  login: string
  name: string | null
  emails: readonly { email: string; primary: boolean; verified: boolean }[]
  orgs: readonly GithubOrg[]
  teams: readonly { id: number; slug: string; organization: GithubOrg }[]
  /** What the person granted, whatever was asked for. */
  scopes: readonly string[]
  /** Organizations that show nothing before the person has signed in to them. */
  needsSingleSignOn: readonly GithubOrg[]
}

type Authorization = { person: GithubPerson; challenge: string; redirectUri: string }

type Answers = {
  /** What the API answers instead. */
  api: ((request: JsonRequest, person: GithubPerson) => JsonAnswer | null) | null
}

const honest: Answers = { api: null }

export type Github = Awaited<ReturnType<typeof startGithub>>

/** GitHub as far as an OAuth app's sign-in meets it, with its wire format: a web site and an API on two origins. */
export async function startGithub() {
  const clientId = 'Ov23liUnderTest'
  const clientSecret = 'c0ffee+c0ffee'
  const answers: Answers = { ...honest }
  const authorizations = new Map<string, Authorization>()
  const accessTokens = new Map<string, GithubPerson>()
  const orgs = new Map<string, GithubOrg>()
  let codes = 0

  const site = await startJsonServer(answerSite)
  const api = await startJsonServer(answerApi)

  function answerSite(request: JsonRequest): JsonAnswer {
    if (request.url.pathname !== '/login/oauth/access_token') return { status: 404, body: {} }
    const { form } = request
    const client = readClient(request)
    if (client.id !== clientId || client.secret !== clientSecret) {
      return refused('incorrect_client_credentials')
    }
    const code = form.get('code') ?? ''
    const authorization = authorizations.get(code)
    authorizations.delete(code)
    const isGood =
      authorization &&
      isVerifierOf(authorization.challenge, form.get('code_verifier')) &&
      form.get('redirect_uri') === authorization.redirectUri
    if (!isGood) return refused('bad_verification_code')
    const accessToken = `gho_${randomUUID().replaceAll('-', '')}`
    accessTokens.set(accessToken, authorization.person)
    return {
      body: {
        access_token: accessToken,
        // A comma, unlike RFC 6749 §3.3.
        scope: authorization.person.scopes.join(','),
        token_type: 'bearer',
      },
    }
  }

  function answerApi(request: JsonRequest): JsonAnswer {
    if (!request.headers['user-agent']) return { status: 403, body: { message: 'No User-Agent' } }
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
    const person = accessTokens.get(token ?? '')
    if (!person) return { status: 401, body: { message: 'Bad credentials', status: '401' } }
    const odd = answers.api?.(request, person)
    if (odd) return odd
    const headers = {
      'x-oauth-scopes': person.scopes.join(', '),
      'x-accepted-oauth-scopes': 'read:org',
    }
    const { id, login, name } = person
    const { pathname } = request.url
    switch (pathname) {
      case '/user':
        return { headers, body: { id, login, name, node_id: `U_${id}`, type: 'User', email: null } }
      case '/user/emails':
        return person.scopes.includes('user:email')
          ? { headers, body: person.emails }
          : { status: 404, headers, body: { message: 'Not Found' } }
      case '/user/orgs':
      case '/user/teams': {
        const hidden = person.needsSingleSignOn.map((org) => org.id)
        const shown = (org: GithubOrg) =>
          !hidden.includes(org.id) && person.scopes.includes('read:org')
        const all =
          pathname === '/user/orgs'
            ? person.orgs.filter(shown)
            : person.teams.filter(({ organization }) => shown(organization))
        return page(request, all, {
          ...headers,
          ...(hidden.length > 0 && {
            'x-github-sso': `partial-results; organizations=${hidden.join(',')}`,
          }),
        })
      }
      default: {
        const org = orgs.get(pathname.replace(/^\/orgs\//, '').toLowerCase())
        return org
          ? { headers, body: { ...org, type: 'Organization' } }
          : { status: 404, headers, body: { message: 'Not Found', status: '404' } }
      }
    }
  }

  function page(
    { url }: JsonRequest,
    all: readonly unknown[],
    headers: Record<string, string>,
  ): JsonAnswer {
    const size = Math.min(Number(url.searchParams.get('per_page') ?? '30'), 100)
    const number = Number(url.searchParams.get('page') ?? '1')
    const last = Math.max(1, Math.ceil(all.length / size))
    const link = (to: number, rel: string) => {
      const target = new URL(url)
      target.searchParams.set('page', String(to))
      return `<${target.href}>; rel="${rel}"`
    }
    const links = [
      ...(number > 1 ? [link(number - 1, 'prev')] : []),
      ...(number < last ? [link(number + 1, 'next'), link(last, 'last')] : []),
    ]
    return {
      headers: { ...headers, ...(links.length > 0 && { link: links.join(', ') }) },
      body: all.slice((number - 1) * size, number * size),
    }
  }

  return {
    clientId,
    clientSecret,
    answers,
    site,
    api,
    /** By login, as the API finds them. */
    orgs,
    createPerson(person: Partial<GithubPerson> & { id: number; login: string }): GithubPerson {
      for (const org of person.orgs ?? []) orgs.set(org.login.toLowerCase(), org)
      return {
        name: null,
        emails: [{ email: `${person.login}@example.com`, primary: true, verified: true }],
        orgs: [],
        teams: [],
        scopes: ['read:org', 'read:user', 'user:email'],
        needsSingleSignOn: [],
        ...person,
      }
    },
    /** The person takes the hub's access back. */
    revoke(person: GithubPerson): void {
      for (const [token, owner] of accessTokens) if (owner === person) accessTokens.delete(token)
    },
    /** What its sign-in page would do: the callback's parameters for an authorization request. */
    authorize(url: URL, person: GithubPerson): URLSearchParams {
      const code = `code${(codes += 1)}`
      authorizations.set(code, {
        person,
        challenge: url.searchParams.get('code_challenge')!,
        redirectUri: url.searchParams.get('redirect_uri')!,
      })
      return new URLSearchParams({ code, state: url.searchParams.get('state')! })
    },
    /** What the hub needs to know of it. */
    environment: () => ({
      GITHUB_CLIENT_ID: clientId,
      GITHUB_CLIENT_SECRET: clientSecret,
      GITHUB_URL: site.origin,
      GITHUB_API_URL: api.origin,
    }),
    beHonest: () => Object.assign(answers, honest),
    stop: async () => {
      await Promise.all([site.stop(), api.stop()])
    },
  }
}

// GitHub says so with status 200.
function refused(error: string): JsonAnswer {
  return {
    body: {
      error,
      error_description: 'No.',
      error_uri: 'https://docs.github.com/apps/managing-oauth-apps',
    },
  }
}
