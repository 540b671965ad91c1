import { notifications } from '@mantine/notifications'
import { useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { Outlet } from '@tanstack/react-router'
import { NoAccessPage } from '../../features/auth/no-access-page.tsx'
import { meQuery } from '../../features/auth/queries.ts'
import { Shell } from '../../features/shell/shell.tsx'
import { signOut } from '../../lib/api-client.ts'
import { describeError, isProblem } from '../../lib/api-problem.ts'
import { useStream } from '../use-stream.ts'

export function ShellRoute() {
  const client = useQueryClient()
  const { data: me } = useSuspenseQuery({ ...meQuery(), refetchOnWindowFocus: true })
  const hasAccess = me.grants.length > 0 || me.abilities.administer
  const stream = useStream(client, hasAccess)
  const leave = useMutation({
    mutationFn: signOut,
    onError: (error) => {
      if (isProblem(error, 401)) return leaveForSignIn()
      notifications.show({
        color: 'red.9',
        title: 'You are still signed in',
        message: describeError(error),
      })
    },
    onSuccess: leaveForSignIn,
  })
  return (
    <Shell
      me={me}
      withNavigation={hasAccess}
      stream={hasAccess ? stream : 'open'}
      onSignOut={() => leave.mutate()}
    >
      {hasAccess ? <Outlet /> : <NoAccessPage me={me} onSignOut={() => leave.mutate()} />}
    </Shell>
  )
}

/** A whole page load, so that nothing of this person stays in memory. */
function leaveForSignIn(): void {
  try {
    sessionStorage.clear()
  } catch {
    // Without storage there is nothing to clear.
  }
  window.location.assign('/login')
}
