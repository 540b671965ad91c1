import { IconCircleCheck } from '@tabler/icons-react'
import { useEffect } from 'react'
import { usePageTitle } from '../../components/page-name.ts'
import { FleetLink } from '../../components/fleet-link.tsx'
import { StateMessage } from '../../components/state-message.tsx'
import { announceProof } from '../../lib/proof.ts'

/** Where a tab ends in which somebody has shown again who they are: the one that asked for it goes on. */
export function ProvedRoute() {
  usePageTitle('It is you')
  useEffect(() => {
    announceProof()
    // Only a tab that a page opened closes by itself.
    window.close()
  }, [])
  return (
    <StateMessage icon={IconCircleCheck} title="It is you" order={1} actions={<FleetLink />}>
      What you started in the other tab continues there. You can close this one.
    </StateMessage>
  )
}
