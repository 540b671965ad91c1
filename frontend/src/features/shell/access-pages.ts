/** What administrators look after in *Access*. */
export const accessPages = [
  { to: '/access/people', label: 'People' },
  { to: '/access/programs', label: 'Programs' },
  { to: '/access/groups', label: 'Groups' },
  { to: '/access/requests', label: 'Requests' },
  { to: '/access/why', label: 'Why' },
] as const
