import { ConfirmButton } from '../../components/confirm-button.tsx'
import { deleteCredentialMutation } from './queries.ts'

/** A dialog that is open stays where the directory turns read-only meanwhile, and says so when it is confirmed. */
export function RemoveCredential({ instance, offered }: { instance: string; offered: boolean }) {
  return (
    <ConfirmButton
      label="Remove"
      ariaLabel={`Remove ${instance}`}
      offered={offered}
      title={`Remove ${instance}?`}
      action="Remove cluster"
      isDestructive
      mutation={deleteCredentialMutation(instance)}
    >
      The hub forgets how to reach <strong>{instance}</strong>, and nobody sees it here any more.
      The credential’s file is deleted. The cluster and everything running on it stay as they are.
    </ConfirmButton>
  )
}
