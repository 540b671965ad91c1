import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  redirect,
} from '@tanstack/react-router'
import { trialPath } from '@hub/shared'
import type { QueryClient } from '@tanstack/react-query'
import { isLocal } from '../features/auth/queries.ts'
import { deploymentTabs, type DeploymentTab } from '../features/deployments/deployment-tab.ts'
import type { ListSearch } from '../features/deployments/list-filter.ts'
import type { PlaceName } from '../features/shell/places.ts'
import type { Crumb } from '../features/shell/breadcrumb.tsx'
import { isProblem } from '../lib/api/problem.ts'
import {
  readAskSearch,
  readAuditSearch,
  readPeopleSearch,
  readPlaceSearch,
  readWhySearch,
} from './admin-search.ts'
import { readListSearch } from './list-search.ts'
import { addressDeployment, addressInstance } from './addresses.ts'
import { oldAddresses } from './old-addresses.ts'
import { lazyPage } from './lazy-page.ts'
import { NotFoundPage, PageError } from './page-error.tsx'
import { readHome } from './read-home.ts'
import { readMe } from './read-me.ts'
import { FleetRoute } from './routes/fleet-route.tsx'
import { ShellRoute } from './routes/shell-route.tsx'
import { readUsageSearch } from './usage-search.ts'

/** Where a page is: what the shell marks, and the pages above it. */
interface Whereabouts {
  place?: PlaceName
  crumbs?: (params: Readonly<Record<string, string | undefined>>) => readonly Crumb[]
}

const rootRoute = createRootRouteWithContext<{ client: QueryClient }>()()

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

const fleetRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/',
  staticData: { place: 'fleet' },
  loader: async ({ context: { client } }) => readHome(client, await readMe(client)),
  // Most visits begin here: a script of its own would come a round trip later.
  component: FleetRoute,
})

const instancesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/instances',
  staticData: { place: 'instances' },
  component: lazyPage(() => import('./routes/instances-route.tsx'), 'InstancesRoute'),
})

const toInstances: Crumb = { label: 'Instances', href: '/instances' }

const instanceRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/instances/$instance',
  staticData: { place: 'instances', crumbs: () => [toInstances] },
  validateSearch: (search): ListSearch & { tab?: 'cluster' } => ({
    ...readListSearch(search),
    ...(search.tab === 'cluster' && { tab: 'cluster' }),
  }),
  component: lazyPage(() => import('./routes/instance-route.tsx'), 'InstanceRoute'),
})

const templatesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/templates',
  staticData: { place: 'instances', crumbs: () => [toInstances] },
  component: lazyPage(() => import('./routes/templates-route.tsx'), 'TemplatesRoute'),
})

const deployRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/instances/$instance/deploy',
  staticData: { place: 'deployments', crumbs: ({ instance }) => toPlace(instance) },
  component: lazyPage(() => import('./routes/deploy-route.tsx'), 'DeployRoute'),
})

const deploymentRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/instances/$instance/namespaces/$namespace/deployments/$name',
  staticData: {
    place: 'deployments',
    crumbs: ({ instance, namespace = '' }) => [...toPlace(instance), { label: namespace }],
  },
  validateSearch: (search): { tab?: Exclude<DeploymentTab, 'overview'> } => {
    const tab = deploymentTabs.find((name) => name === search['tab'])
    return tab === undefined || tab === 'overview' ? {} : { tab }
  },
  component: lazyPage(() => import('./routes/deployment-route.tsx'), 'DeploymentRoute'),
})

const editRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/instances/$instance/namespaces/$namespace/deployments/$name/edit',
  staticData: {
    place: 'deployments',
    crumbs: ({ instance = '', namespace = '', name = '' }) => [
      ...toPlace(instance),
      { label: namespace },
      { label: name, href: addressDeployment({ instance, namespace, name }) },
    ],
  },
  component: lazyPage(() => import('./routes/edit-route.tsx'), 'EditRoute'),
})

const deploymentsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/deployments',
  staticData: { place: 'deployments' },
  validateSearch: readListSearch,
  component: lazyPage(() => import('./routes/deployments-route.tsx'), 'DeploymentsRoute'),
})

const accessRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/access',
  staticData: { place: 'access', crumbs: () => [{ label: 'Access', href: '/access' }] },
  component: lazyPage(() => import('./routes/access-route.tsx'), 'AccessRoute'),
})

const accessStartRoute = createRoute({
  getParentRoute: () => accessRoute,
  path: '/',
  beforeLoad: async ({ context, location }) => {
    const me = await readMe(context.client)
    // It was the address of what is one's own.
    if (!me.abilities.administer || isLocal(me) || location.searchStr !== '') {
      throw redirect({ href: `/me${location.searchStr}`, replace: true })
    }
    throw redirect({ to: '/access/people', replace: true })
  },
})

const peopleRoute = createRoute({
  getParentRoute: () => accessRoute,
  path: '/people',
  validateSearch: readPeopleSearch,
  component: lazyPage(() => import('./routes/people-routes.tsx'), 'PeopleRoute'),
})

const personRoute = createRoute({
  getParentRoute: () => accessRoute,
  path: '/people/$user',
  staticData: { crumbs: () => [{ label: 'People', href: '/access/people' }] },
  validateSearch: readPlaceSearch,
  component: lazyPage(() => import('./routes/people-routes.tsx'), 'PersonRoute'),
})

const programsRoute = createRoute({
  getParentRoute: () => accessRoute,
  path: '/programs',
  component: lazyPage(() => import('./routes/people-routes.tsx'), 'ProgramsRoute'),
})

const programRoute = createRoute({
  getParentRoute: () => accessRoute,
  path: '/programs/$program',
  staticData: { crumbs: () => [{ label: 'Programs', href: '/access/programs' }] },
  validateSearch: readPlaceSearch,
  component: lazyPage(() => import('./routes/people-routes.tsx'), 'ProgramRoute'),
})

const groupsRoute = createRoute({
  getParentRoute: () => accessRoute,
  path: '/groups',
  validateSearch: ({ mapping }): { mapping?: string } =>
    typeof mapping === 'string' ? { mapping } : {},
  component: lazyPage(() => import('./routes/group-mappings-route.tsx'), 'GroupMappingsRoute'),
})

const requestsRoute = createRoute({
  getParentRoute: () => accessRoute,
  path: '/requests',
  validateSearch: ({ status }): { status?: 'decided' } => (status === 'decided' ? { status } : {}),
  component: lazyPage(() => import('./routes/requests-route.tsx'), 'RequestsRoute'),
})

const whyRoute = createRoute({
  getParentRoute: () => accessRoute,
  path: '/why',
  validateSearch: readWhySearch,
  component: lazyPage(() => import('./routes/why-route.tsx'), 'WhyRoute'),
})

const usageRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/usage',
  staticData: { place: 'usage' },
  validateSearch: readUsageSearch,
  component: lazyPage(() => import('./routes/usage-route.tsx'), 'UsageRoute'),
})

const auditRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/audit',
  staticData: { place: 'audit' },
  validateSearch: readAuditSearch,
  component: lazyPage(() => import('./routes/audit-route.tsx'), 'AuditRoute'),
})

const meRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/me',
  staticData: { place: 'me' },
  validateSearch: readAskSearch,
  component: lazyPage(() => import('./routes/me-route.tsx'), 'MeRoute'),
})

const agentsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/me/agents',
  staticData: { place: 'me', crumbs: () => [{ label: 'Me', href: '/me' }] },
  // In local mode there are no tokens, and nobody to act for but oneself.
  beforeLoad: async ({ context }) => {
    if (isLocal(await readMe(context.client))) throw redirect({ href: '/me', replace: true })
  },
  component: lazyPage(() => import('./routes/agents-route.tsx'), 'AgentsRoute'),
})

const provedRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/proved',
  staticData: { place: 'me' },
  component: lazyPage(() => import('./routes/proved-route.tsx'), 'ProvedRoute'),
})

/** Outside the shell: it asks the hub nothing, and a provider's code goes no further than to the other tab. */
const clusterSignInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: trialPath,
  component: lazyPage(() => import('./routes/cluster-sign-in-route.tsx'), 'ClusterSignInRoute'),
})

/** Addresses that people kept from before. */
const oldRoutes = createRoute({
  getParentRoute: () => shellRoute,
  path: '/admin/$',
  beforeLoad: ({ params, location }) => {
    const [page = '', ...below] = (params._splat ?? '').split('/')
    const path = [oldAddresses[page] ?? '/access', ...below].join('/')
    throw redirect({ href: path + location.searchStr, replace: true })
  },
})

function toPlace(instance = ''): readonly Crumb[] {
  return [
    { label: 'Deployments', href: '/deployments' },
    { label: instance, href: addressInstance(instance) },
  ]
}

/** The hub's own page, by a whole page load: nothing of the person before stays in memory. It never comes back. */
function leadToSignIn(href: string): Promise<never> {
  const query = href === '/' ? '' : `?${new URLSearchParams({ return_to: href }).toString()}`
  window.location.replace(`/login${query}`)
  return new Promise(() => {})
}

/** Whatever else: the shell stays around the page that says so. */
const otherRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '$',
  component: NotFoundPage,
})

export function createAppRouter(client: QueryClient) {
  return createRouter({
    routeTree: rootRoute.addChildren([
      clusterSignInRoute,
      shellRoute.addChildren([
        fleetRoute,
        instancesRoute,
        instanceRoute,
        templatesRoute,
        deployRoute,
        deploymentRoute,
        editRoute,
        deploymentsRoute,
        accessRoute.addChildren([
          accessStartRoute,
          peopleRoute,
          personRoute,
          programsRoute,
          programRoute,
          groupsRoute,
          requestsRoute,
          whyRoute,
        ]),
        usageRoute,
        auditRoute,
        meRoute,
        agentsRoute,
        provedRoute,
        oldRoutes,
        otherRoute,
      ]),
    ]),
    context: { client },
    defaultPreload: 'intent',
    defaultErrorComponent: PageError,
    defaultNotFoundComponent: NotFoundPage,
    scrollRestoration: true,
  })
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>
  }
  interface StaticDataRouteOption extends Whereabouts {}
}
