import { ConfirmButton } from '../../components/confirm-button.tsx'
import { confirmClusterMutation } from './queries.ts'

/** For a name behind which another cluster stands than before, or one that cannot be told from another; `reason` says which. */
export function ConfirmCluster({ instance, reason }: { instance: string; reason: string | null }) {
  return (
    <ConfirmButton
      label="Confirm"
      ariaLabel={`Confirm ${instance}`}
      button={{ variant: 'filled' }}
      title={`Is this the right ${instance}?`}
      action="Confirm this cluster"
      mutation={confirmClusterMutation(instance)}
    >
      {reason ?? 'It now leads to a different cluster.'} Until you confirm, people’s roles on{' '}
      {instance} do not count there. Once you do, everybody with such a role has it on this cluster.
      If you did not expect a new cluster, replace or remove the credential instead.
    </ConfirmButton>
  )
}
