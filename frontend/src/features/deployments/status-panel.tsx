import { Stack, Text } from '@mantine/core'
import type { Deployment } from '@hub/shared'
import type { ReactNode } from 'react'
import { RelativeTime } from '../../components/relative-time.tsx'
import { Section } from '../../components/section.tsx'
import type { Tone } from '../../components/tone.ts'
import { ToneIcon } from '../../components/tone-icon.tsx'
import { describeReplicas, listReplicas } from './replicas.ts'
import classes from './status-panel.module.css'

const cellsShown = 64

/** How a deployment is, in a sentence, why, and how far its replicas have come. */
export function StatusPanel({
  deployment,
  tone,
  children,
}: {
  deployment: Deployment
  tone: Tone
  /** Evidence, and what helps. */
  children: ReactNode
}) {
  const { message, phase, deletingSince, sentence } = deployment
  return (
    <Section title="Status">
      <Stack gap="md">
        <div className={classes.sentence}>
          <ToneIcon tone={tone} size={20} />
          <p>{sentence}</p>
        </div>
        {children}
        <div>
          <Text size="sm" mb={4}>
            {describeReplicas(deployment)}
          </Text>
          <div className={classes.cells} aria-hidden>
            {listReplicas(deployment, cellsShown).map((kind, index) => (
              // Cells of one kind are the same.
              // oxlint-disable-next-line react/no-array-index-key
              <span key={index} className={classes.cell} data-kind={kind} data-tone={tone} />
            ))}
          </div>
        </div>
        {deletingSince !== null && (
          <Text size="sm">
            Deletion began <RelativeTime at={deletingSince} />.
          </Text>
        )}
        <div>
          <Text size="sm" c="dimmed">
            The cluster’s own word: {phase ?? 'none yet'}
          </Text>
          {message !== null && message !== '' && <p className={classes.message}>{message}</p>}
        </div>
      </Stack>
    </Section>
  )
}
