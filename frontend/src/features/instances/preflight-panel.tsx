import { Button, Collapse, Group, Skeleton, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import type { Instance, Preflight } from '@hub/shared'
import { IconChevronRight } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useId } from 'react'
import { CodeBlock } from '../../components/code-block.tsx'
import { Notice } from '../../components/notice.tsx'
import { Section } from '../../components/section.tsx'
import { ToneIcon } from '../../components/tone-icon.tsx'
import { describeError } from '../../lib/api/problem.ts'
import { canAskCluster, describeMissing, summarizePreflight } from './preflight.ts'
import { preflightQuery } from './queries.ts'
import classes from './preflight-panel.module.css'

/** What the hub's credential may do on the cluster, for those who can mend it. */
export function PreflightPanel({ instance }: { instance: Instance }) {
  const isAsked = canAskCluster(instance.status.state)
  const preflight = useQuery({ ...preflightQuery(instance.id), enabled: isAsked })
  const [opened, { toggle }] = useDisclosure(false)
  const detailsId = useId()
  return (
    <Section title="Permissions of the credential">
      {!isAsked ? (
        <Text size="sm" c="dimmed">
          The hub checks what its credential may do as soon as the cluster responds.
        </Text>
      ) : preflight.isPending ? (
        <Skeleton height={44} aria-hidden />
      ) : preflight.data === undefined ? (
        <Notice
          tone="warning"
          title="The cluster could not be asked"
          action={
            <Button variant="default" size="xs" onClick={() => void preflight.refetch()}>
              Try again
            </Button>
          }
        >
          {describeError(preflight.error)}
        </Notice>
      ) : (
        <>
          <Group justify="space-between" gap="sm">
            <Summary preflight={preflight.data} />
            <Group gap="xs">
              <Button
                variant="default"
                size="xs"
                loading={preflight.isFetching}
                onClick={() => void preflight.refetch()}
              >
                Check again
              </Button>
              <Button
                variant="default"
                size="xs"
                aria-expanded={opened}
                aria-controls={detailsId}
                leftSection={
                  <IconChevronRight size={14} className={classes.chevron} data-open={opened} />
                }
                onClick={toggle}
              >
                Details
              </Button>
            </Group>
          </Group>
          <Collapse expanded={opened} id={detailsId}>
            <Details preflight={preflight.data} />
          </Collapse>
        </>
      )}
    </Section>
  )
}

function Summary({ preflight }: { preflight: Preflight }) {
  const { words, tone } = summarizePreflight(preflight)
  return (
    <Group gap={8} wrap="nowrap">
      <ToneIcon tone={tone} />
      <Text component="output" size="sm">
        {words}
      </Text>
    </Group>
  )
}

function Details({ preflight }: { preflight: Preflight }) {
  return (
    <Stack gap="md" pt="md">
      {preflight.people !== null && <Text size="sm">{preflight.people}</Text>}
      <ul className={classes.features}>
        {preflight.features.map(({ name, purpose, required, missing }) => (
          <li key={name} className={classes.feature}>
            <ToneIcon tone={missing.length === 0 ? 'good' : required ? 'bad' : 'warning'} />
            <div className={classes.words}>
              <span className={classes.name}>{name}</span>{' '}
              <span className={classes.dimmed}>
                {required ? 'required' : 'optional'}
                {missing.length === 0 ? ', allowed' : ', not allowed'}
              </span>
              <p className={classes.purpose}>{purpose}</p>
              {missing.length > 0 && (
                <p className={classes.purpose}>
                  The credential may not {describeMissing(missing).join('; ')}.
                </p>
              )}
            </div>
          </li>
        ))}
      </ul>
      <div>
        <Text size="sm" mb="xs">
          This manifest grants all of it, and nothing more. Apply it with an administrator’s
          kubeconfig: <code>kubectl apply -f</code>
        </Text>
        <CodeBlock text={preflight.manifest} label="Manifest" language="yaml" />
      </div>
    </Stack>
  )
}
