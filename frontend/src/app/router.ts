import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router'
import type { Me } from '@hub/shared'
import type { QueryClient } from '@tanstack/react-query'
import { meQuery, providersQuery } from '../features/auth/queries.ts'
import { safeReturnTo } from '../features/auth/return-to.ts'
import type { ListSearch } from '../features/deployments/list-filter.ts'
import { isProblem } from '../lib/api-problem.ts'
import { readListSearch } from './list-search.ts'
import { NotFoundPage, PageError } from './page-error.tsx'
import { DeploymentRoute } from './routes/deployment-route.tsx'
import { DeploymentsRoute } from './routes/deployments-route.tsx'
import { InstanceRoute } from './routes/instance-route.tsx'
import { InstancesRoute } from './routes/instances-route.tsx'
import { ShellRoute } from './routes/shell-route.tsx'
import { SignInRoute } from './routes/sign-in-route.tsx'

const rootRoute = createRootRouteWithContext<{ client: QueryClient }>()({
  notFoundComponent: NotFoundPage,
})

const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/login',
  validateSearch: (search): { return_to?: string; error?: string; ref?: string; again?: true } => ({
    ...(search.again === true && { again: true as const }),
    ...(typeof search.return_to === 'string' && { return_to: search.return_to }),
    ...(typeof search.error === 'string' && { error: search.error }),
    // The router reads digits as a number.
    ...(['string', 'number'].includes(typeof search.ref) && { ref: String(search.ref) }),
  }),
  beforeLoad: async ({ context, search }) => {
    if (search.error !== undefined || search.again) return
    const me = await readMe(context.client).catch(() => null)
    if (me) throw redirect({ href: safeReturnTo(search.return_to), replace: true })
  },
  loader: ({ context }) => void context.client.prefetchQuery(providersQuery()),
  component: SignInRoute,
})

const shellRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'shell',
  beforeLoad: async ({ context, location }) => {
    try {
      await readMe(context.client)
    } catch (error) {
      if (!isProblem(error, 401)) throw error
      const search = location.href === '/' ? {} : { return_to: location.href }
      throw redirect({ to: '/login', search, replace: true })
    }
  },
  component: ShellRoute,
  errorComponent: PageError,
})

const instancesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/',
  component: InstancesRoute,
})

const instanceRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/instances/$instance',
  validateSearch: (search): ListSearch & { tab?: 'cluster' } => ({
    ...readListSearch(search),
    ...(search.tab === 'cluster' && { tab: 'cluster' }),
  }),
  component: InstanceRoute,
})

const deployRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/instances/$instance/deploy',
  component: lazyRouteComponent(() => import('./routes/deploy-route.tsx'), 'DeployRoute'),
})

const deploymentRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/instances/$instance/namespaces/$namespace/deployments/$name',
  component: DeploymentRoute,
})

const deploymentsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/deployments',
  validateSearch: readListSearch,
  component: DeploymentsRoute,
})

const credentialsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/admin/credentials',
  component: lazyRouteComponent(() => import('./routes/credentials-route.tsx'), 'CredentialsRoute'),
})

const accessRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/access',
  component: lazyRouteComponent(() => import('./routes/access-route.tsx'), 'AccessRoute'),
})

/** Who is signed in, asked again only where that is in doubt. */
async function readMe(client: QueryClient): Promise<Me> {
  const state = client.getQueryState(meQuery().queryKey)
  if (state?.data && !state.isInvalidated) return state.data
  return await client.fetchQuery({ ...meQuery(), staleTime: 0 })
}

export function createAppRouter(client: QueryClient) {
  return createRouter({
    routeTree: rootRoute.addChildren([
      signInRoute,
      shellRoute.addChildren([
        instancesRoute,
        instanceRoute,
        deployRoute,
        deploymentRoute,
        deploymentsRoute,
        credentialsRoute,
        accessRoute,
      ]),
    ]),
    context: { client },
    defaultPreload: 'intent',
    defaultErrorComponent: PageError,
    scrollRestoration: true,
  })
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>
  }
}
