import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router'
import type { Me } from '@hub/shared'
import type { QueryClient } from '@tanstack/react-query'
import { meQuery } from '../features/auth/queries.ts'
import type { ListSearch } from '../features/deployments/list-filter.ts'
import { isProblem } from '../lib/api/problem.ts'
import {
  readAskSearch,
  readAuditSearch,
  readPeopleSearch,
  readPlaceSearch,
} from './admin-search.ts'
import { readListSearch } from './list-search.ts'
import { NotFoundPage, PageError } from './page-error.tsx'
import { DeploymentRoute } from './routes/deployment-route.tsx'
import { DeploymentsRoute } from './routes/deployments-route.tsx'
import { InstanceRoute } from './routes/instance-route.tsx'
import { InstancesRoute } from './routes/instances-route.tsx'
import { ShellRoute } from './routes/shell-route.tsx'

const rootRoute = createRootRouteWithContext<{ client: QueryClient }>()({
  notFoundComponent: NotFoundPage,
})

const shellRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'shell',
  beforeLoad: async ({ context, location, preload }) => {
    try {
      await readMe(context.client)
    } catch (error) {
      if (!isProblem(error, 401) || preload) throw error
      await leadToSignIn(location.href)
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

const adminRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/admin',
  component: lazyRouteComponent(() => import('./routes/admin-route.tsx'), 'AdminRoute'),
})

const adminStartRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/admin/credentials', replace: true })
  },
})

const credentialsRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: '/credentials',
  component: lazyRouteComponent(() => import('./routes/credentials-route.tsx'), 'CredentialsRoute'),
})

const peopleRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: '/users',
  validateSearch: readPeopleSearch,
  component: lazyRouteComponent(() => import('./routes/people-routes.tsx'), 'PeopleRoute'),
})

const personRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: '/users/$user',
  validateSearch: readPlaceSearch,
  component: lazyRouteComponent(() => import('./routes/people-routes.tsx'), 'PersonRoute'),
})

const programsRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: '/service-principals',
  component: lazyRouteComponent(() => import('./routes/people-routes.tsx'), 'ProgramsRoute'),
})

const programRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: '/service-principals/$program',
  validateSearch: readPlaceSearch,
  component: lazyRouteComponent(() => import('./routes/people-routes.tsx'), 'ProgramRoute'),
})

const groupMappingsRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: '/group-mappings',
  validateSearch: ({ mapping }): { mapping?: string } =>
    typeof mapping === 'string' ? { mapping } : {},
  component: lazyRouteComponent(
    () => import('./routes/group-mappings-route.tsx'),
    'GroupMappingsRoute',
  ),
})

const requestsRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: '/access-requests',
  validateSearch: ({ status }): { status?: 'decided' } => (status === 'decided' ? { status } : {}),
  component: lazyRouteComponent(() => import('./routes/requests-route.tsx'), 'RequestsRoute'),
})

const auditRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: '/audit',
  validateSearch: readAuditSearch,
  component: lazyRouteComponent(() => import('./routes/audit-route.tsx'), 'AuditRoute'),
})

const accessRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/access',
  validateSearch: readAskSearch,
  component: lazyRouteComponent(() => import('./routes/access-route.tsx'), 'AccessRoute'),
})

/** The hub's own page, by a whole page load: nothing of the person before stays in memory. It never comes back. */
function leadToSignIn(href: string): Promise<never> {
  const query = href === '/' ? '' : `?${new URLSearchParams({ return_to: href }).toString()}`
  window.location.replace(`/login${query}`)
  return new Promise(() => {})
}

/** Who is signed in, asked again only where that is in doubt. */
async function readMe(client: QueryClient): Promise<Me> {
  const state = client.getQueryState(meQuery().queryKey)
  if (state?.data && !state.isInvalidated) return state.data
  return await client.fetchQuery({ ...meQuery(), staleTime: 0 })
}

export function createAppRouter(client: QueryClient) {
  return createRouter({
    routeTree: rootRoute.addChildren([
      shellRoute.addChildren([
        instancesRoute,
        instanceRoute,
        deployRoute,
        deploymentRoute,
        deploymentsRoute,
        adminRoute.addChildren([
          adminStartRoute,
          credentialsRoute,
          peopleRoute,
          personRoute,
          programsRoute,
          programRoute,
          groupMappingsRoute,
          requestsRoute,
          auditRoute,
        ]),
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
