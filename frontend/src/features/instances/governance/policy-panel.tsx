import { Button, Group, Skeleton, Text } from '@mantine/core'
import type { Instance } from '@hub/shared'
import { useQuery } from '@tanstack/react-query'
import { ConfirmButton } from '../../../components/confirm-button.tsx'
import { useKeptDialog } from '../../../components/kept-dialog.tsx'
import { Loaded } from '../../../components/loaded.tsx'
import { Notice } from '../../../components/notice.tsx'
import { Section } from '../../../components/section.tsx'
import { PolicyDialog } from './policy-dialog.tsx'
import { describePolicy } from './policy-words.ts'
import { healthQuery, policyQuery, resetPolicyMutation } from './queries.ts'

/** What may reach the pods of an instance, and who said so. */
export function PolicyPanel({ instance }: { instance: Instance }) {
  const { abilities, id } = instance
  const policy = useQuery(policyQuery(id))
  const dialog = useKeptDialog(`policy:${id}`)
  const source = policy.data?.source
  const canChange = abilities.manage && source !== undefined && source !== 'config'
  return (
    <Section
      title="Policy"
      actions={
        canChange && (
          <Group gap="xs">
            {source === 'manual' && (
              <ConfirmButton
                label="Back to the default"
                title={`Go back to the default policy of ${id}?`}
                action="Use the default"
                mutation={resetPolicyMutation(id)}
              >
                It holds at once for what is created and changed. What runs stays as it is.
              </ConfirmButton>
            )}
            <Button variant="default" size="xs" onClick={dialog.open}>
              Change policy
            </Button>
          </Group>
        )
      }
    >
      <Loaded
        query={policy}
        title="The policy could not be read"
        placeholder={<Skeleton height={72} aria-hidden />}
      >
        {(read) => (
          <>
            {describePolicy(read).map((sentence) => (
              <Text key={sentence} size="sm">
                {sentence}
              </Text>
            ))}
            <Text size="sm" c="dimmed" mt={4}>
              {read.source === 'config' && 'From the configuration file: change it there.'}
              {read.source === 'default' && 'The default: nobody has said otherwise.'}
              {read.source === 'manual' && `Set by ${read.changedBy ?? 'an administrator'}.`}{' '}
              Administrators may set everything.
            </Text>
            {read.directModels !== null && abilities.manage && <RouteTrouble instance={instance} />}
            {dialog.opened && <PolicyDialog instance={id} policy={read} dialog={dialog} />}
          </>
        )}
      </Loaded>
    </Section>
  )
}

/** Which of the addresses that the policy names cannot be reached. */
function RouteTrouble({ instance: { id, warnings: known } }: { instance: Instance }) {
  const { data } = useQuery(healthQuery(id))
  const warnings = data?.warnings.filter((warning) => !known.includes(warning)) ?? []
  if (warnings.length === 0) return null
  return (
    <Notice tone="warning" title="Not at their own addresses">
      {warnings.join(' ')}
    </Notice>
  )
}
