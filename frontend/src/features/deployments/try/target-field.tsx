import { Button, Group, Select, Text } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { findDeploymentsQuery, type DeploymentCoordinates } from '../queries.ts'
import { isAnswering } from './is-answering.ts'
import { keyOf } from './use-conversation.ts'
import classes from './try.module.css'

export interface TargetFieldProps {
  targets: readonly DeploymentCoordinates[]
  onTargets: (targets: DeploymentCoordinates[]) => void
}

const targetsMax = 4
const askAfterMs = 200

/** Which other deployments get the same messages. */
export function TargetField({ onTargets, targets }: TargetFieldProps) {
  const [typed, setTyped] = useState('')
  const [q] = useDebouncedValue(typed.trim(), askAfterMs)
  const found = useQuery(findDeploymentsQuery(q))
  const chosen = new Set(targets.map(keyOf))
  const choices = (found.data?.items ?? []).filter(
    (each) => isAnswering(each) && !chosen.has(keyOf(each)),
  )
  return (
    <div className={classes.targets}>
      {targets.length > 1 && (
        <Group component="ul" gap="xs" className={classes.chosen} aria-label="Compared">
          {targets.map((target, index) => (
            <li key={keyOf(target)}>
              <Text component="span" size="sm">
                {target.name} on {target.instance}
              </Text>
              {index > 0 && (
                <Button
                  variant="subtle"
                  color="gray"
                  size="compact-xs"
                  aria-label={`Leave out ${target.name} on ${target.instance}`}
                  onClick={() => onTargets(targets.filter((each) => each !== target))}
                >
                  <IconX size={14} />
                </Button>
              )}
            </li>
          ))}
        </Group>
      )}
      {targets.length < targetsMax && (
        <Select
          aria-label="Compare with another deployment"
          placeholder="Compare with another deployment"
          size="xs"
          w={280}
          maw="100%"
          searchable
          spellCheck={false}
          data={choices.map((each) => ({
            value: keyOf(each),
            label: `${each.name} on ${each.instance}`,
          }))}
          // The hub has searched already.
          filter={({ options }) => options}
          nothingFoundMessage={found.isFetching ? 'Searching…' : 'No other deployment answers'}
          value={null}
          searchValue={typed}
          onSearchChange={setTyped}
          onChange={(value) => {
            const added = choices.find((each) => keyOf(each) === value)
            if (!added) return
            const { instance, name, namespace } = added
            onTargets([...targets, { instance, namespace, name }])
            setTyped('')
          }}
        />
      )}
    </div>
  )
}
