import { askProvider, type ProviderAnswer } from './bounded-fetch.ts'

const pagesMax = 30

export type GithubApi = {
  get(path: string): Promise<ProviderAnswer>
  /** Every page of a list, as far as they are pages of this API. */
  getAll(path: string): Promise<ProviderAnswer[]>
}

type GithubApiOptions = {
  fetch: typeof fetch
  apiUrl: string
  accessToken: string
  signal: AbortSignal
}

/** GitHub's REST API on a person's behalf. Throws `provider-unavailable` where it does not answer. */
export function createGithubApi(options: GithubApiOptions): GithubApi {
  const { accessToken, apiUrl, fetch, signal } = options
  const ask = (url: string) =>
    askProvider(fetch, {
      url,
      what: 'answer about you',
      headers: {
        authorization: `Bearer ${accessToken}`,
        accept: 'application/vnd.github+json',
        'x-github-api-version': '2022-11-28',
      },
      signal,
    })
  return {
    get: (path) => ask(`${apiUrl}${path}`),
    async getAll(path) {
      const pages: ProviderAnswer[] = []
      let next: string | null = `${apiUrl}${path}?per_page=100`
      while (next !== null) {
        if (pages.length >= pagesMax) throw new Error(`more than ${pagesMax} pages of ${path}`)
        if (!next.startsWith(`${apiUrl}/`)) throw new Error(`the next page of ${path} is elsewhere`)
        const page: ProviderAnswer = await ask(next)
        pages.push(page)
        next = page.status === 200 ? findNext(page.headers.get('link')) : null
      }
      return pages
    },
  }
}

// RFC 8288: `<https://api.github.com/…?page=2>; rel="next", <…>; rel="last"`
function findNext(link: string | null): string | null {
  for (const [, url, parameters] of (link ?? '').matchAll(/<([^>]*)>([^,<]*)/g)) {
    if (/;\s*rel="?next"?(?:\s|;|$)/.test(parameters!.trim())) return url!
  }
  return null
}
