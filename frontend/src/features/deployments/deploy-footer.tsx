import { Button, Group, Text } from '@mantine/core'
import type { DeployValues } from './deploy-values.ts'
import classes from './deploy-form.module.css'

export interface DeployFooterProps {
  values: DeployValues
  instance: string
  /** What is under way. */
  pending: 'check' | 'deploy' | null
  onCheck: () => void
}

/** What is about to be asked for, in a sentence, and the two ways to ask. */
export function DeployFooter({ values, instance, pending, onCheck }: DeployFooterProps) {
  return (
    <div className={classes.footer}>
      <Text size="sm" c="dimmed" className={classes.summary}>
        {summarize(values, instance)}
      </Text>
      <Group gap="sm" wrap="nowrap">
        <Button
          type="button"
          variant="default"
          loading={pending === 'check'}
          disabled={pending === 'deploy'}
          onClick={onCheck}
        >
          Check
        </Button>
        <Button type="submit" loading={pending === 'deploy'} disabled={pending === 'check'}>
          Deploy
        </Button>
      </Group>
    </div>
  )
}

function summarize({ replicas, gpuCount, namespace }: DeployValues, instance: string): string {
  const count = replicas === '' ? 1 : replicas
  const where = namespace === '' ? instance : `${namespace} on ${instance}`
  const words = `${count} ${count === 1 ? 'replica' : 'replicas'} in ${where}`
  if (gpuCount === '') return words
  if (gpuCount === 0) return `${words}, without a GPU`
  const total = count * gpuCount
  return `${words}, ${total} ${total === 1 ? 'GPU' : 'GPUs'} in all`
}
