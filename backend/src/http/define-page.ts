import type { Context } from 'hono'
import type { Answers, Declaration, DepsOf, Descriptions, Method, OtherBody } from '#operation'
import type { AnswerError, HubEnv } from './hub-env.ts'

/**
 * What only HTTP has: redirects, cookies, pages, probes and the callbacks of other protocols. It declares what an operation
 * declares, so that every rule holds for it too, but no other door can offer it.
 */
export type Page<
  Deps = never,
  M extends Method = Method,
  Path extends string = string,
  A extends Answers = Answers,
> = Omit<Declaration, 'http'> & {
  http: { method: M; path: Path }
  answers: A
  /** What it reads by itself, and what for. */
  reads?: { path?: Descriptions; query?: Descriptions; body?: OtherBody }
  /** Whatever the address of a browser that is led here holds; none of it is kept. */
  takesAnyQuery?: true
  /** Other sites lead browsers here. */
  isFromAnySite?: true
  /** Looks at no cookie and no token. */
  isForAnyone?: true
  /** Of access tokens it takes those alone that are for agents. */
  isForAgents?: true
  /** One request of it may be any number of calls, or none: it counts them itself. */
  countsCalls?: true
  /** Not counted at all. */
  isUnlimited?: true
  handle(c: Context<HubEnv>, deps: Deps): Response | Promise<Response>
  /** Where a person looks at what comes back: instead of a problem. */
  answerError?: AnswerError
  /** What it tells errors as, where that is no problem. */
  errors?: readonly OtherBody[]
}

export function definePage<
  const M extends Method,
  const Path extends string,
  A extends Answers,
  Deps = unknown,
>(page: Page<Deps, M, Path, A>): Page<Deps, M, Path, A> {
  return page
}

/** A page that has all it needs but a request. */
export type BoundPage = Omit<Page, 'handle'> & {
  handle(c: Context<HubEnv>): Response | Promise<Response>
}

export function bindPages<const Pages extends readonly Page[]>(
  pages: Pages,
  deps: DepsOf<Pages, 'handle'>,
): BoundPage[] {
  return pages.map((page) => {
    // The list's own type has said what all of it needs.
    const handle = page.handle as unknown as (
      c: Context<HubEnv>,
      deps: DepsOf<Pages, 'handle'>,
    ) => Response | Promise<Response>
    return { ...page, handle: (c) => handle(c, deps) }
  })
}
