import { Skeleton } from '@mantine/core'
import type { Deployment, DeploymentHistory, DeploymentRevision } from '@hub/shared'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Loaded } from '../../../components/loaded.tsx'
import { Notice } from '../../../components/notice.tsx'
import { Section } from '../../../components/section.tsx'
import { Comparison } from './comparison.tsx'
import { historyQuery } from './queries.ts'
import { RestoreDialog } from './restore-dialog.tsx'
import { RevisionList } from './revision-list.tsx'
import { describeUnseen } from './revision-words.ts'

/** What a deployment was before: who changed it and when, what was otherwise, and the way back. */
export function HistoryPanel({ deployment }: { deployment: Deployment }) {
  const history = useQuery(historyQuery(deployment, deployment.resourceVersion))
  return (
    <Loaded
      query={history}
      title="The history could not be read"
      placeholder={<Skeleton height={240} aria-hidden />}
    >
      {(read) => <History deployment={deployment} history={read} />}
    </Loaded>
  )
}

function History({ deployment, history }: { deployment: Deployment; history: DeploymentHistory }) {
  const { isMasked, items, unseen } = history
  const [chosen, setChosen] = useState<readonly [number, number] | null>(null)
  const [restored, setRestored] = useState<DeploymentRevision | null>(null)
  const latest = items[0]
  if (latest === undefined) {
    return (
      <Notice tone="neutral" title="Nothing is kept yet">
        From now on the hub keeps the latest 20 specs, of its own changes and of those it sees
        others make.
      </Notice>
    )
  }
  const before = items[1] ?? latest
  const [older, newer] = chosen ?? [before.generation, latest.generation]
  return (
    <>
      {isMasked && (
        <Notice tone="neutral" title="Values of variables are left out">
          They are shown to people who may change the deployment.
        </Notice>
      )}
      <Section title="Revisions">
        <RevisionList
          items={items}
          onCompare={(generation) => setChosen([generation, latest.generation])}
          onRestore={deployment.abilities.update ? setRestored : null}
        />
        <p>{describeUnseen(unseen)}</p>
      </Section>
      <Section title="Compare">
        <Comparison
          items={items}
          older={older}
          newer={newer}
          onChange={(pair) => setChosen(pair)}
        />
      </Section>
      {restored && (
        <RestoreDialog
          deployment={deployment}
          revision={restored}
          onClose={() => setRestored(null)}
        />
      )}
    </>
  )
}
