import { Button } from '@mantine/core'
import type { Deployment } from '@hub/shared'
import { CopyIcon } from '../../components/copy-icon.tsx'
import { copyWords, useCopy } from '../../components/use-copy.ts'

/** The selected ones as text, a line each, as kubectl's and people's words name them. */
export function CopyNames({ deployments }: { deployments: readonly Deployment[] }) {
  const { copy, state } = useCopy()
  const text = deployments
    .map(({ instance, name, namespace }) => `${instance}/${namespace}/${name}`)
    .join('\n')
  return (
    <Button
      size="xs"
      variant="default"
      leftSection={<CopyIcon size={14} state={state} />}
      onClick={() => copy(text)}
    >
      <span aria-live="polite">{copyWords[state] || 'Copy names'}</span>
    </Button>
  )
}
