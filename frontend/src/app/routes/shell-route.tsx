import { useMutation, useSuspenseQuery } from '@tanstack/react-query'
import { Outlet } from '@tanstack/react-router'
import { Suspense, useEffect, useRef, useState } from 'react'
import { KeptFor } from '../../components/kept-for.tsx'
import { lazyNamed } from '../../components/lazy-named.ts'
import { notifyFailure } from '../../components/notify.ts'
import { isLocal, meQuery, signOutMutation } from '../../features/auth/queries.ts'
import { Shell } from '../../features/shell/shell.tsx'
import { listPlaces } from '../../features/shell/places.ts'
import { isProblem } from '../../lib/api/problem.ts'
import { forgetKept, keepFor } from '../../lib/kept.ts'
import type { Stream } from '../../lib/stream/open-stream.ts'
import { Freshness } from '../freshness.tsx'
import { ShellMenus } from '../shell-menus.tsx'
import { useWaitingRequests } from '../use-waiting-requests.ts'
import { useWhereabouts } from '../use-whereabouts.ts'

const NoAccess = lazyNamed(() => import('../no-access.tsx'), 'NoAccess')

export function ShellRoute() {
  const { data: me } = useSuspenseQuery({ ...meQuery(), refetchOnWindowFocus: true })
  const { place, crumbs } = useWhereabouts()
  const hasAccess = me.grants.length > 0 || me.abilities.administer
  const streamRef = useRef<Stream>(null)
  const waiting = useWaitingRequests(me)
  useReloadForAnotherPerson(me.principal)
  const leave = (to: string) => {
    streamRef.current?.endForAll()
    forgetKept()
    // A whole page load, so that nothing of this person stays in memory.
    window.location.assign(to)
  }
  const signingOut = useMutation({
    ...signOutMutation(),
    onError: (error) => {
      if (isProblem(error, 401)) return leave('/login')
      notifyFailure(error, 'You are still signed in')
    },
    onSuccess: ({ redirectTo }) => leave(redirectTo ?? '/login'),
  })
  const places = listPlaces({
    hasAccess,
    administers: me.abilities.administer,
    isLocal: isLocal(me),
  })
  return (
    <Shell
      places={places}
      current={place}
      crumbs={crumbs}
      waiting={waiting}
      end={
        <>
          {/* Also without a grant: the stream says when one is there. */}
          <Freshness person={me.principal} streamRef={streamRef} />
          <ShellMenus me={me} places={places} onSignOut={() => signingOut.mutate()} />
        </>
      }
    >
      {/* What is one's own is there for people without a grant too. */}
      <KeptFor person={me.principal}>
        {hasAccess || place === 'me' ? (
          <Outlet />
        ) : (
          <Suspense>
            <NoAccess me={me} onSignOut={() => signingOut.mutate()} />
          </Suspense>
        )}
      </KeptFor>
    </Shell>
  )
}

/** Somebody else signed in, in another tab. A whole page load, so that nothing of the one before stays in memory. */
function useReloadForAnotherPerson(person: string): void {
  const [shown] = useState(person)
  useEffect(() => {
    keepFor(person)
    if (person !== shown) window.location.reload()
  }, [person, shown])
}
