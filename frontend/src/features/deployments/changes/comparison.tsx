import { Group, Select, Skeleton, Stack } from '@mantine/core'
import type { DeploymentRevision } from '@hub/shared'
import { Suspense } from 'react'
import { lazyNamed } from '../../../components/lazy-named.ts'

const DiffView = lazyNamed(() => import('./diff-view.tsx'), 'DiffView')

export interface ComparisonProps {
  items: readonly DeploymentRevision[]
  older: number
  newer: number
  onChange: (pair: readonly [older: number, newer: number]) => void
}

/** Any two revisions, side by side in one text. */
export function Comparison({ items, newer, older, onChange }: ComparisonProps) {
  const choices = items.map(({ generation }, index) => ({
    value: String(generation),
    label: index === 0 ? `Generation ${generation}, now` : `Generation ${generation}`,
  }))
  const specOf = (of: number) => items.find(({ generation }) => generation === of)?.spec ?? {}
  return (
    <Stack gap="sm">
      <Group gap="sm">
        <Select
          label="From"
          size="xs"
          allowDeselect={false}
          data={choices}
          value={String(older)}
          onChange={(value) => onChange([Number(value), newer])}
        />
        <Select
          label="To"
          size="xs"
          allowDeselect={false}
          data={choices}
          value={String(newer)}
          onChange={(value) => onChange([older, Number(value)])}
        />
      </Group>
      <Suspense fallback={<Skeleton height={160} aria-hidden />}>
        <DiffView
          label={`From generation ${older} to ${newer}`}
          before={specOf(older)}
          after={specOf(newer)}
        />
      </Suspense>
    </Stack>
  )
}
