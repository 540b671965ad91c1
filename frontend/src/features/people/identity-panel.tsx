import { Text } from '@mantine/core'
import type { User, UserIdentity } from '@hub/shared'
import { ConfirmButton } from '../../components/confirm-button.tsx'
import { CopyText } from '../../components/copy-text.tsx'
import { Section } from '../../components/section.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import rows from '../../components/rows.module.css'
import { describeProvider } from '../../lib/access/words.ts'
import { LinkIdentity } from './link-identity.tsx'
import { unlinkIdentityMutation } from './mutations.ts'
import { describeGroups } from './people-words.ts'
import classes from './people.module.css'

export interface IdentityPanelProps {
  person: User
  onPerson: (id: string) => void
}

/** The ways in that are this person. */
export function IdentityPanel({ person, onPerson }: IdentityPanelProps) {
  return (
    <Section title="Identities">
      <div className={classes.head}>
        <Text size="sm" c="dimmed" className={rows.what}>
          Every account that signs in as this person. They share the person’s roles.
        </Text>
        <LinkIdentity person={person} />
      </div>
      <ul className={rows.list}>
        {person.identities.map((identity) => (
          <li key={identity.id} className={rows.row}>
            <div className={rows.what}>
              <span className={rows.strong}>{describeProvider(identity.provider)}</span>
              <CopyText text={identity.principal} label={`Copy ${identity.principal}`} />
              <Text size="xs" c="dimmed">
                {identity.email !== null && `${identity.email} · `}last signed in{' '}
                <RelativeTime at={identity.lastSignInAt} />
              </Text>
              {identity.fault === null && describeGroups(identity) !== null && (
                <Text size="xs" c="dimmed">
                  {describeGroups(identity)}
                </Text>
              )}
              {identity.fault !== null && (
                <Text size="xs">
                  <strong>Not accepted at the moment.</strong> {identity.fault}
                </Text>
              )}
            </div>
            {person.identities.length > 1 && (
              <Unlink person={person} identity={identity} onPerson={onPerson} />
            )}
          </li>
        ))}
      </ul>
    </Section>
  )
}

function Unlink({ person, identity, onPerson }: IdentityPanelProps & { identity: UserIdentity }) {
  return (
    <ConfirmButton
      label="Unlink"
      ariaLabel={`Unlink ${identity.principal}`}
      title={`Unlink ${identity.principal}?`}
      action="Unlink identity"
      isDestructive
      mutation={unlinkIdentityMutation(person.id, identity.id)}
      onDone={({ id }) => onPerson(id)}
    >
      It becomes a separate person with no roles except those its groups give. Everything that was
      granted, and every API token, stays with {person.displayName}. Its sessions end.
    </ConfirmButton>
  )
}
