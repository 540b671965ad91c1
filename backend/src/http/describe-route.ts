import type { MiddlewareHandler } from 'hono'
import { uniqueSymbol } from 'hono-openapi'
import { findTargetHandler } from 'hono/utils/handler'
import { resolveInput } from './json-schema.ts'
import { toOperation } from './operation.ts'
import type { RouteDeclaration, RouteInput, UnlistedDeclaration } from './route-declaration.ts'

type Marked = {
  [uniqueSymbol]?: { declaration?: RouteDeclaration | UnlistedDeclaration; input?: RouteInput }
}

/**
 * Says beside a route who may call it and what it answers: the first handler of every route. By itself it stops nobody:
 * verbs do, and `census.test.ts` holds that both agree.
 */
export function describeRoute(
  declaration: RouteDeclaration | UnlistedDeclaration,
): MiddlewareHandler {
  const handler: MiddlewareHandler = (_, next) => next()
  const spec = 'isUnlisted' in declaration ? { hide: true } : toOperation(declaration)
  return Object.assign(handler, { [uniqueSymbol]: { spec, declaration } })
}

/** Lets the document of the API know what a handler reads. */
export function rememberInput(handler: object, input: RouteInput): void {
  const { target } = input
  Object.assign(handler, {
    [uniqueSymbol]: { target, toOpenAPISchema: () => resolveInput(input), input },
  })
}

/** A route of the router as it stands, with what was said beside it. */
export type LiveRoute = {
  method: string
  path: string
  declaration: RouteDeclaration | UnlistedDeclaration | null
  inputs: readonly RouteInput[]
}

/** What hono's router tells of itself. */
export type Routed = {
  routes: readonly { method: string; path: string; handler: unknown }[]
}

/** Every route; what is mounted for all methods runs before routes and is none. */
export function readRoutes({ routes }: Routed): LiveRoute[] {
  const found = new Map<string, LiveRoute & { inputs: RouteInput[] }>()
  for (const { handler, method, path } of routes) {
    if (method === 'ALL' || typeof handler !== 'function') continue
    const key = `${method} ${path}`
    const route = found.get(key) ?? { method, path, declaration: null, inputs: [] }
    found.set(key, route)
    const marked = (findTargetHandler(handler) as Marked)[uniqueSymbol]
    route.declaration ??= marked?.declaration ?? null
    if (marked?.input) route.inputs.push(marked.input)
  }
  return [...found.values()]
}
