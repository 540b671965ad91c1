import type { User } from '@hub/shared'
import { ConfirmButton } from '../../components/confirm-button.tsx'
import { setDisabledMutation } from './mutations.ts'

/** Keeps a person out, or lets them in again. */
export function SetDisabled({ person: { disabledAt, displayName, id } }: { person: User }) {
  const isDisabled = disabledAt !== null
  return (
    <ConfirmButton
      label={isDisabled ? 'Enable' : 'Disable'}
      button={{ size: 'sm' }}
      title={isDisabled ? `Enable ${displayName}?` : `Disable ${displayName}?`}
      action={isDisabled ? 'Enable person' : 'Disable person'}
      isDestructive={!isDisabled}
      mutation={setDisabledMutation(id, !isDisabled)}
    >
      {isDisabled
        ? 'They can sign in again, with the roles they have now. Sessions and tokens that have ended do not come back.'
        : 'They are signed out everywhere at once, their API tokens end for good, and they cannot sign in until somebody enables them. Their roles stay.'}
    </ConfirmButton>
  )
}
