import { Text } from '@mantine/core'
import type { Condition } from '@hub/shared'
import { RelativeTime } from '../../components/relative-time.tsx'
import { ToneIcon } from '../../components/tone-icon.tsx'
import { describeCondition } from './condition.ts'
import classes from './condition-list.module.css'

export function ConditionList({ conditions }: { conditions: readonly Condition[] }) {
  if (conditions.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        The cluster has not reported any condition yet.
      </Text>
    )
  }
  return (
    <ul className={classes.list}>
      {conditions.map((condition) => (
        <ConditionItem key={condition.type} condition={condition} />
      ))}
    </ul>
  )
}

function ConditionItem({ condition }: { condition: Condition }) {
  const { title, answer, tone } = describeCondition(condition)
  return (
    <li className={classes.item}>
      <ToneIcon tone={tone} size={18} />
      <div className={classes.body}>
        <div className={classes.line}>
          <span className={classes.title}>{title}</span>
          <span>{answer}</span>
        </div>
        {condition.message !== '' && <p className={classes.message}>{condition.message}</p>}
        <p className={classes.small}>
          {condition.type}={condition.status}
          {condition.reason !== '' && `, ${condition.reason}`}
          {condition.lastTransitionTime !== null && (
            <>
              , <RelativeTime at={condition.lastTransitionTime} />
            </>
          )}
        </p>
      </div>
    </li>
  )
}
