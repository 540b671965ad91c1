import type { UsageSums as Sums } from '@hub/shared'
import { formatCount, formatWait } from './usage-words.ts'
import classes from './usage.module.css'

/** What it comes to in all. */
export function UsageSums({ total }: { total: Sums }) {
  const { completionTokens, errors, firstByteMs, gpuHours, promptTokens, requests } = total
  const sums = [
    ['Requests', formatCount(requests)],
    ['Failed', formatCount(errors)],
    ['Tokens of prompts', formatCount(promptTokens)],
    ['Tokens of answers', formatCount(completionTokens)],
    ['First byte of a stream', formatWait(firstByteMs)],
    ['GPU hours', formatCount(gpuHours)],
  ] as const
  return (
    <dl className={classes.sums}>
      {sums.map(([term, value]) => (
        <div key={term} className={classes.sum}>
          <dt>{term}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
