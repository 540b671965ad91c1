import { Skeleton, Stack, Text } from '@mantine/core'
import type { RuntimeObject, RuntimeObjects } from '@hub/shared'
import { useQuery } from '@tanstack/react-query'
import { CodeBlock } from '../../components/code-block.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import { ConditionList } from './condition-list.tsx'
import { runtimeObjectsQuery, type DeploymentCoordinates } from './queries.ts'
import classes from './runtime-objects-panel.module.css'

/** What the runtime made of a deployment, in its own words. */
export function RuntimeObjectsPanel({ at }: { at: DeploymentCoordinates }) {
  const objects = useQuery(runtimeObjectsQuery(at))
  return (
    <Loaded
      query={objects}
      title="What the runtime made could not be read"
      placeholder={<Skeleton height={112} aria-hidden />}
    >
      {(data) => <Objects objects={data} />}
    </Loaded>
  )
}

function Objects({ objects: { items, reason } }: { objects: RuntimeObjects }) {
  return (
    <Stack gap="md">
      {items.map((object) => (
        <ObjectView key={object.name} object={object} />
      ))}
      {reason !== null && (
        <Text size="sm" c="dimmed">
          {reason}
        </Text>
      )}
    </Stack>
  )
}

function ObjectView({
  object: { apiVersion, conditions, createdAt, deletingSince, kind, name, status },
}: {
  object: RuntimeObject
}) {
  return (
    <div>
      <Text>
        {kind} {name}
      </Text>
      <Text size="sm" c="dimmed" mb={4}>
        {apiVersion}
        {createdAt !== null && (
          <>
            , created <RelativeTime at={createdAt} />
          </>
        )}
        {deletingSince !== null && (
          <>
            , being deleted since <RelativeTime at={deletingSince} />
          </>
        )}
      </Text>
      <ConditionList conditions={conditions} />
      {status !== null && (
        <details className={classes.status}>
          <summary>Status</summary>
          <CodeBlock label={`Status of ${kind} ${name}`} text={status} language="yaml" />
        </details>
      )}
    </div>
  )
}
