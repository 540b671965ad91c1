import { defineConfig } from 'oxlint'
import root from '../oxlint.config.ts'

/** The one order of the server's folders: each imports only from those before it. */
const order = [
  'time',
  'text',
  'cache',
  'yaml',
  'csv',
  'event-stream',
  'errors',
  'log',
  'config',
  'secrets',
  'db',
  'context',
  'operation',
  'rbac',
  'audit',
  'people',
  'access',
  'identity-providers',
  'sessions',
  'tokens',
  'bearers',
  'group-sync',
  'sign-in',
  'accounts',
  'setup',
  'kube',
  'clusters',
  'fleet',
  'instances',
  'own-tokens',
  'activity',
  'telemetry',
  'serving',
  'usage',
  'budgets',
  'confirmations',
  'deployments',
  'stream',
  'http',
  'gateway',
  'mcp',
]

/** Each table of the database belongs to one folder: its store alone reads and writes it. */
const tables = {
  db: ['changes', 'leases'],
  audit: ['auditAttempts', 'auditCheckpoints', 'auditLog'],
  people: ['identities', 'identityGroups', 'knownGroups', 'users'],
  access: ['accessRequests', 'grants', 'groupMappings', 'servicePrincipals'],
  sessions: ['sessions'],
  tokens: ['apiTokens'],
  'sign-in': ['consumedLogins', 'usedLogoutTokens'],
  setup: ['oneTimeCodes'],
  clusters: ['instances'],
  operation: ['idempotencyKeys'],
  instances: ['instanceMaintenance', 'oidcProfiles'],
  usage: ['usageHours', 'usageWindows'],
  budgets: ['gpuClaims', 'tokenHoldings'],
  confirmations: ['confirmations'],
  deployments: ['deploymentRevisions', 'deploymentTemplates', 'instancePolicies'],
}

/** Packages that belong to some folders alone. */
const owners = [
  {
    regex: '^(drizzle-orm|better-sqlite3|postgres)(/|$)',
    files: /^(db\/|[a-z-]+\/(\*\/)?store\.ts$)/,
  },
  {
    regex: '^(hono|@hono/[a-z-]+)(/|$)',
    files: /^(http|gateway|mcp)\//,
  },
  { regex: '^(undici|@kubernetes/client-node)(/|$)', files: /^kube\// },
  { regex: '^prom-client(/|$)', files: /^telemetry\// },
  { regex: '^(arctic|openid-client)(/|$)', files: /^identity-providers\// },
]

function restrictions(folder: string, file: string) {
  const later = order.slice(order.indexOf(folder) + 1)
  return [
    {
      regex: `^#(${later.join('|') || 'none'})$`,
      message: 'Import only leftwards in the order of backend/oxlint.config.ts.',
    },
    {
      regex: file.split('/').length > 2 ? '^\\.\\./\\.\\./' : '^\\.\\./',
      message: 'Another domain is reached by its #name.',
    },
    { regex: `^#${folder}$`, message: 'A file of the own domain is reached by ./file.ts.' },
    ...owners
      .filter((owner) => !owner.files.test(file))
      .map(({ regex }) => ({ regex, message: 'This package belongs to other files; see owners.' })),
  ]
}

const kinds = ['*.ts', 'store.ts', '*/*.ts', '*/store.ts']

export default defineConfig({
  extends: [root],
  jsPlugins: ['./lint/own-tables.ts'],
  rules: { 'hub/own-tables': ['error', tables] },
  overrides: [
    ...order.flatMap((folder) =>
      kinds.map((kind) => ({
        files: [`src/${folder}/${kind}`],
        rules: {
          'no-restricted-imports': [
            'error',
            { patterns: restrictions(folder, `${folder}/${kind}`) },
          ] as ['error', { patterns: ReturnType<typeof restrictions> }],
        },
      })),
    ),
    {
      files: ['src/**/*.test.ts', 'suites/**', 'test/**'],
      rules: { 'no-restricted-imports': 'off', 'hub/own-tables': 'off' },
    },
    // The linter calls it by being the default export.
    { files: ['lint/*.ts'], rules: { 'import/no-default-export': 'off' } },
    {
      files: ['src/main.ts', 'src/commands/*.ts', 'test/**', 'suites/**'],
      rules: { 'node/no-process-env': 'off' },
    },
    // Vitest calls it by being the default export.
    { files: ['test/*-server.ts'], rules: { 'import/no-default-export': 'off' } },
  ],
})
