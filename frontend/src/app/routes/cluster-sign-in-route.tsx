import { IconCircleCheck, IconCircleX, IconLoader2 } from '@tabler/icons-react'
import { trialPath } from '@hub/shared'
import { useEffect, useState } from 'react'
import { FleetLink } from '../../components/fleet-link.tsx'
import { usePageTitle } from '../../components/page-name.ts'
import { StateMessage } from '../../components/state-message.tsx'
import { announceAnswer } from '../../lib/cluster-sign-in.ts'

/** Where a provider leads back to whoever tries a cluster's own sign-in: the tab that began it goes on. */
export function ClusterSignInRoute() {
  usePageTitle('Sign-in to a cluster')
  const [query] = useState(() => window.location.search)
  const [isTaken, setTaken] = useState<boolean | null>(null)
  useEffect(() => {
    // The address has a code in it, which is nobody's bookmark.
    window.history.replaceState(window.history.state, '', trialPath)
    void announceAnswer(query).then((taken) => {
      setTaken(taken)
      if (taken) window.close()
    })
  }, [query])
  return (
    <main>
      {isTaken === null && (
        <StateMessage icon={IconLoader2} title="Just a moment" order={1}>
          The other tab is told what your identity provider said.
        </StateMessage>
      )}
      {isTaken === true && (
        <StateMessage icon={IconCircleCheck} title="Go back to the other tab" order={1}>
          It shows what came of the sign-in. You can close this one.
        </StateMessage>
      )}
      {isTaken === false && (
        <StateMessage
          icon={IconCircleX}
          title="Nobody waits for this sign-in"
          order={1}
          actions={<FleetLink />}
        >
          The tab that began it was closed, or began another one since. Open the instance&rsquo;s
          sign-in in the hub, and try it from there.
        </StateMessage>
      )}
    </main>
  )
}
