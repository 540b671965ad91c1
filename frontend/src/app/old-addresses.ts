/** What the pages of administration were called, and where they are now. */
export const oldAddresses: Readonly<Record<string, string>> = {
  credentials: '/instances',
  users: '/access/people',
  'service-principals': '/access/programs',
  'group-mappings': '/access/groups',
  'access-requests': '/access/requests',
  audit: '/audit',
}
