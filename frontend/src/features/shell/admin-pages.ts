import {
  IconHistory,
  IconPlugConnected,
  IconUserQuestion,
  IconUsers,
  IconUsersGroup,
} from '@tabler/icons-react'

/** What administrators look after; `isOfPeople` where there is nothing to it without sign-in. */
const adminPages = [
  { to: '/admin/credentials', label: 'Clusters', icon: IconPlugConnected, isOfPeople: false },
  { to: '/admin/users', label: 'People', icon: IconUsers, isOfPeople: true },
  { to: '/admin/group-mappings', label: 'Groups', icon: IconUsersGroup, isOfPeople: true },
  { to: '/admin/access-requests', label: 'Requests', icon: IconUserQuestion, isOfPeople: true },
  { to: '/admin/audit', label: 'Audit', icon: IconHistory, isOfPeople: false },
] as const

export function listAdminPages({ isLocal }: { isLocal: boolean }) {
  return adminPages.filter(({ isOfPeople }) => !(isLocal && isOfPeople))
}
