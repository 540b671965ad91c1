/** Where people read what a file says: the first whose beginning fits. */
export const places: readonly { part: string; title: string; paths: readonly string[] }[] = [
  { part: 'Portal', title: 'Sign-in', paths: ['backend/src/http/sign-in/'] },
  {
    part: 'Portal',
    title: 'Fleet',
    paths: [
      'frontend/src/features/fleet/',
      'frontend/src/app/list-needs',
      'frontend/src/app/routes/fleet',
    ],
  },
  {
    part: 'Portal',
    title: 'Deployments',
    paths: [
      'frontend/src/features/deployments/',
      'frontend/src/app/routes/deploy',
      'frontend/src/app/deploy',
    ],
  },
  {
    part: 'Portal',
    title: 'Instances',
    paths: [
      'frontend/src/features/instances/',
      'frontend/src/features/credentials/',
      'frontend/src/app/routes/instance',
      'frontend/src/components/instance-words',
    ],
  },
  {
    part: 'Portal',
    title: 'Access › People, Programs and Why',
    paths: ['frontend/src/features/people/'],
  },
  { part: 'Portal', title: 'Access › Groups', paths: ['frontend/src/features/group-mappings/'] },
  { part: 'Portal', title: 'Access › Requests', paths: ['frontend/src/features/access-requests/'] },
  {
    part: 'Portal',
    title: 'Audit',
    paths: ['frontend/src/features/audit/', 'frontend/src/lib/audit'],
  },
  {
    part: 'Portal',
    title: 'Me, and who has no access yet',
    paths: ['frontend/src/features/access/', 'frontend/src/features/auth/'],
  },
  { part: 'Portal', title: 'Frame and shared parts', paths: ['frontend/'] },
  {
    part: 'Command line',
    title: "The hub's commands",
    paths: ['backend/src/commands/', 'backend/src/main.ts'],
  },
  { part: 'Command line', title: "kubectl's plugin", paths: ['cli/', 'backend/src/http/cli/'] },
  { part: 'Configuration', title: 'Variables and the file', paths: ['backend/src/config/'] },
  {
    part: 'Other answers',
    title: 'Credentials',
    paths: ['backend/src/kube/', 'backend/src/clusters/'],
  },
  {
    part: 'Other answers',
    title: 'Instances and deployments',
    paths: [
      'backend/src/fleet/',
      'backend/src/instances/',
      'backend/src/deployments/',
      'backend/src/stream/',
    ],
  },
  { part: 'Other answers', title: 'Everything else', paths: ['backend/', 'shared/'] },
]

/** Those that describe the API to programmers, in its document and on its page. */
export const isApiText = (path: string) =>
  /\/(?:operations|[\w-]+-operations|[\w-]+-pages|describe-policy|open-api|probes|api-docs)\.ts$/.test(
    path,
  )
