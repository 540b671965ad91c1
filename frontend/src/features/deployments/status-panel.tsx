import { Group, Progress, Stack, Text } from '@mantine/core'
import type { Deployment } from '@hub/shared'
import { Notice } from '../../components/notice.tsx'
import { Section } from '../../components/section.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import type { Tone } from '../../components/tone.ts'
import { countSurplus, describeReplicas, explainPhase } from './phase.ts'

/** How far a deployment has come, and what its cluster says of it. */
export function StatusPanel({ deployment, tone }: { deployment: Deployment; tone: Tone }) {
  const { replicas, message, deletingSince } = deployment
  const explanation = explainPhase(deployment)
  const share =
    replicas.desired === 0
      ? Number(countSurplus(deployment) !== null)
      : Math.min(1, replicas.ready / replicas.desired)
  const readyWords = describeReplicas(deployment)
  return (
    <Section title="Status">
      <Stack gap="sm">
        <div>
          <Group justify="space-between" mb={6} gap="xs">
            <Text size="sm">Replicas</Text>
            <Text size="sm" fw={500}>
              {readyWords}
            </Text>
          </Group>
          <Progress.Root size="md">
            <Progress.Section
              value={share * 100}
              color={`var(--hub-tone-${tone})`}
              aria-label="Replicas ready"
              aria-valuetext={readyWords}
            />
          </Progress.Root>
        </div>
        {deletingSince !== null && (
          <Text size="sm">
            Deletion began <RelativeTime at={deletingSince} />.
          </Text>
        )}
        {explanation !== null && (
          <Notice tone={tone === 'good' ? 'neutral' : tone}>{explanation}</Notice>
        )}
        {message !== null && message !== '' && (
          <div>
            <Text size="xs" c="dimmed">
              The cluster says
            </Text>
            <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
              {message}
            </Text>
          </div>
        )}
      </Stack>
    </Section>
  )
}
