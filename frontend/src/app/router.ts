import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router'
import type { QueryClient } from '@tanstack/react-query'
import { meQuery, providersQuery } from '../features/auth/queries.ts'
import { safeReturnTo } from '../features/auth/return-to.ts'
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
  validateSearch: (search): { return_to?: string; error?: string; ref?: string } => ({
    ...(typeof search.return_to === 'string' && { return_to: search.return_to }),
    ...(typeof search.error === 'string' && { error: search.error }),
    // The router reads digits as a number.
    ...(['string', 'number'].includes(typeof search.ref) && { ref: String(search.ref) }),
  }),
  beforeLoad: async ({ context, search }) => {
    if (search.error !== undefined) return
    const me = await context.client.ensureQueryData(meQuery()).catch(() => null)
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
      await context.client.ensureQueryData(meQuery())
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
  validateSearch: readListSearch,
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
