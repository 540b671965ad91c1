import type { Page } from '@playwright/test'
import {
  answerTrial,
  answerWithKubeconfig,
  seeKubeconfig,
  trySignIn,
  typeProfile,
  waitForNobody,
} from './oidc-steps.ts'
import {
  answerWithUse,
  alter,
  answerWithConfirmations,
  answerWithReadings,
  askForAccess,
  askModel,
  deployWithErrors,
  goOffline,
  press,
  sortEvents,
  unfold,
  unfoldByKey,
} from './picture-steps.ts'
import type { Persona } from './portal.ts'

/** A page or dialog of which there are pictures. */
export interface Pictured {
  name: string
  /** Who looks; a newcomer has not signed in. */
  as: Persona | 'newcomer'
  path: string
  /** What is done there before the picture is taken. */
  open?: (page: Page) => Promise<void>
  /** What is changed in the hub's answers, for what does not last long enough to be looked at. */
  before?: (page: Page) => Promise<void>
  /** Also as somebody sees it who makes everything twice as large. */
  isZoomed?: true
  /** Set in whatever the machine has. */
  font?: 'system'
}

const llama = '/instances/demo-east/namespaces/ml-team/deployments/llama-3-1-8b'
const stuck = '/instances/demo-west/namespaces/research/deployments/llama-3-3-70b'
const deployment = '**/api/instances/*/namespaces/*/deployments/llama-3-1-8b'

export const pictured: readonly Pictured[] = [
  { name: 'sign-in', as: 'newcomer', path: '/login', font: 'system' },
  { name: 'sign-in-refused', as: 'newcomer', path: '/login?error=login-refused', font: 'system' },
  { name: 'proof', as: 'newcomer', path: '/login?again=true', font: 'system' },
  { name: 'no-access', as: 'nobody', path: '/' },
  {
    name: 'set-up',
    as: 'nobody',
    path: '/',
    before: (page) => alter(page, '**/api/auth/me', { awaitsSetup: true }),
  },
  { name: 'ask-for-access', as: 'nobody', path: '/', open: unfold('Ask for access') },
  { name: 'fleet', as: 'admin', path: '/', isZoomed: true },
  { name: 'fleet-viewer', as: 'viewer', path: '/' },
  { name: 'deployments', as: 'admin', path: '/deployments', isZoomed: true },
  { name: 'deployments-filtered', as: 'viewer', path: '/deployments?q=llama&engine=vllm' },
  { name: 'deployments-filter', as: 'viewer', path: '/deployments', open: unfold('Model') },
  { name: 'deployments-views', as: 'viewer', path: '/deployments?q=llama', open: unfold('Views') },
  {
    name: 'deployments-preview',
    as: 'viewer',
    path: '/deployments',
    open: press('Preview', 'phi-4-mini'),
  },
  { name: 'deployments-no-match', as: 'viewer', path: '/deployments?q=no-such-model' },
  { name: 'deployment', as: 'admin', path: llama, isZoomed: true },
  { name: 'deployment-pods', as: 'admin', path: `${llama}?tab=pods` },
  {
    name: 'deployment-metrics',
    as: 'viewer',
    path: `${llama}?tab=metrics`,
    before: answerWithReadings,
  },
  { name: 'deployment-try', as: 'viewer', path: `${llama}?tab=try`, open: askModel },
  { name: 'deployment-token', as: 'viewer', path: llama, open: unfold('Make a token for it') },
  { name: 'deployment-events', as: 'admin', path: `${llama}?tab=events`, before: sortEvents },
  { name: 'deployment-yaml', as: 'deployer', path: `${llama}?tab=yaml` },
  { name: 'deployment-edit', as: 'deployer', path: `${llama}/edit` },
  { name: 'deployment-stuck', as: 'admin', path: stuck },
  {
    name: 'deployment-deleting',
    as: 'admin',
    path: llama,
    before: (page) =>
      alter(page, deployment, {
        deletingSince: '2026-01-01T00:00:00Z',
        state: 'deleting',
        sentence: 'It is being deleted: 2 pods are still there.',
      }),
  },
  { name: 'deployment-delete', as: 'admin', path: llama, open: unfold('Delete') },
  { name: 'deploy', as: 'deployer', path: '/instances/demo-east/deploy' },
  {
    name: 'deploy-errors',
    as: 'deployer',
    path: '/instances/demo-east/deploy',
    open: deployWithErrors,
    isZoomed: true,
  },
  { name: 'instances', as: 'viewer', path: '/instances' },
  { name: 'instances-credentials', as: 'admin', path: '/instances' },
  { name: 'cluster-add', as: 'admin', path: '/instances', open: unfold('Add a cluster') },
  { name: 'instance', as: 'viewer', path: '/instances/demo-east' },
  { name: 'instance-cluster', as: 'admin', path: '/instances/demo-east?tab=cluster' },
  {
    name: 'instance-policy',
    as: 'admin',
    path: '/instances/demo-east?tab=cluster',
    open: unfold('Change policy'),
  },
  {
    name: 'instance-sign-in',
    as: 'admin',
    path: '/instances/demo-east?tab=cluster',
    open: typeProfile,
  },
  {
    name: 'instance-sign-in-tried',
    as: 'admin',
    path: '/instances/demo-east?tab=cluster',
    before: answerTrial,
    open: trySignIn,
  },
  {
    name: 'instance-kubeconfig',
    as: 'viewer',
    path: '/instances/demo-east?tab=cluster#oidc-kubeconfig',
    before: answerWithKubeconfig,
    open: seeKubeconfig,
  },
  {
    name: 'cluster-sign-in',
    as: 'newcomer',
    path: '/cluster-sign-in?state=none&code=none',
    open: waitForNobody,
  },
  {
    name: 'instance-models',
    as: 'admin',
    path: '/instances/demo-east?tab=cluster',
    open: openDirectModels,
  },
  { name: 'template-new', as: 'admin', path: '/templates', open: unfold('New template') },
  { name: 'instance-lost', as: 'admin', path: '/instances/demo-lost' },
  { name: 'people', as: 'admin', path: '/access/people' },
  { name: 'person', as: 'admin', path: '/access/people?q=Dev', open: openPerson },
  { name: 'person-grant', as: 'admin', path: '/access/people?q=Dev', open: openGrant },
  { name: 'programs', as: 'admin', path: '/access/programs' },
  { name: 'groups', as: 'admin', path: '/access/groups' },
  {
    name: 'requests',
    as: 'admin',
    path: '/access/requests',
    before: askForAccess,
    isZoomed: true,
  },
  {
    name: 'request-approve',
    as: 'admin',
    path: '/access/requests',
    before: askForAccess,
    open: unfold(/^Approve/),
  },
  { name: 'why', as: 'admin', path: '/access/why', before: askForAccess },
  {
    name: 'audit-row',
    before: askForAccess,
    as: 'admin',
    path: '/audit?action=access-request.create',
    open: press(/^Asked for access/, 'After'),
  },
  { name: 'usage', as: 'admin', path: '/usage?who=all', before: answerWithUse },
  { name: 'me', as: 'deployer', path: '/me' },
  { name: 'me-token', as: 'deployer', path: '/me', open: unfold('New token') },
  { name: 'agents', as: 'deployer', path: '/me/agents', before: answerWithConfirmations },
  {
    name: 'agent-asks',
    as: 'deployer',
    path: '/me/agents',
    before: answerWithConfirmations,
    open: unfold(/^Approve/),
  },
  { name: 'not-found', as: 'viewer', path: '/no-such-page' },
  { name: 'not-seen', as: 'viewer', path: '/instances/demo-west' },
  { name: 'menu-help', as: 'viewer', path: '/instances', open: unfold('Help') },
  { name: 'menu-account', as: 'viewer', path: '/instances', open: unfold(/^Account/) },
  { name: 'palette', as: 'viewer', path: '/instances', open: unfoldByKey('Control+k') },
  { name: 'keys', as: 'viewer', path: '/instances', open: unfoldByKey('?') },
  { name: 'offline', as: 'viewer', path: '/deployments', open: goOffline },
  { name: 'api', as: 'viewer', path: '/api/docs', font: 'system' },
  { name: 'cli', as: 'newcomer', path: '/cli/', font: 'system' },
]

async function openPerson(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Dev Deployer' }).click()
  await page.getByRole('heading', { level: 1, name: 'Dev Deployer' }).waitFor()
}

async function openDirectModels(page: Page): Promise<void> {
  await unfold('Change policy')(page)
  await page.getByRole('checkbox', { name: 'Call models at their own addresses' }).check()
  await page.getByRole('button', { name: 'Save policy' }).click()
  await page.getByText('Where are its models?').waitFor()
}

async function openGrant(page: Page): Promise<void> {
  await openPerson(page)
  await unfold('Give a role')(page)
}
