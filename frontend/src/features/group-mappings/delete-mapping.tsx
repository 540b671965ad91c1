import type { GroupMapping } from '@hub/shared'
import { ConfirmButton } from '../../components/confirm-button.tsx'
import { countPeople, describeRole } from '../../lib/access/words.ts'
import { deleteMappingMutation } from './queries.ts'

export function DeleteMapping({ mapping }: { mapping: GroupMapping }) {
  const name = mapping.groupName ?? mapping.groupId
  const role = describeRole(mapping)
  return (
    <ConfirmButton
      label="Delete"
      ariaLabel={`Delete ${role} for ${name}`}
      title={`Delete the mapping of ${name}?`}
      action="Delete mapping"
      isDestructive
      mutation={deleteMappingMutation(mapping.id)}
    >
      {mapping.people === 0 ? (
        <>Nobody has a role through it now. From now on it gives members of the group nothing.</>
      ) : (
        <>
          {countPeople(mapping.people)} {mapping.people === 1 ? 'loses' : 'lose'}{' '}
          <strong>{role}</strong> at once, even on pages that are already open. Their other roles
          stay.
        </>
      )}
    </ConfirmButton>
  )
}
