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
        <>Nobody has a role by it now. Members of the group get nothing by it any more.</>
      ) : (
        <>
          {countPeople(mapping.people)} {mapping.people === 1 ? 'loses' : 'lose'}{' '}
          <strong>{role}</strong> at once, in pages that are open too. What other roles give them
          stays.
        </>
      )}
    </ConfirmButton>
  )
}
