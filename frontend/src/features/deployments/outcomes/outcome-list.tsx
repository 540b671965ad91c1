import type { TargetOutcome } from '@hub/shared'
import type { Tone } from '../../../components/tone.ts'
import { ToneIcon } from '../../../components/tone-icon.tsx'
import { keyOf } from './use-targets.ts'
import classes from './outcome-list.module.css'

export interface OutcomeListProps {
  /** All that were asked for. */
  targets: readonly Pick<TargetOutcome, 'instance' | 'name' | 'namespace'>[]
  outcomes: ReadonlyMap<string, TargetOutcome>
  isRunning: boolean
  /** What is said of one that is done. */
  done: string
}

/** Each target with what came of it. */
export function OutcomeList({ done, isRunning, outcomes, targets }: OutcomeListProps) {
  return (
    // What scrolls has to be reachable by keyboard (WCAG 2.1.1).
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <section className={classes.scroll} tabIndex={0} aria-label="Targets">
      <ul className={classes.list}>
        {targets.map((target) => {
          const key = keyOf(target)
          const { tone, words } = describeOutcome(outcomes.get(key), isRunning, done)
          return (
            <li key={key}>
              <ToneIcon tone={tone} size={16} />
              <div>
                <span className={classes.name}>{key}</span>
                <span className={classes.words}>{words}</span>
              </div>
            </li>
          )
        })}
      </ul>
    </section>
  )
}

export function describeOutcome(
  outcome: TargetOutcome | undefined,
  isRunning: boolean,
  done: string,
): { tone: Tone; words: string } {
  if (outcome === undefined) return { tone: isRunning ? 'busy' : 'neutral', words: '' }
  const { problem, warnings } = outcome
  if (outcome.outcome === 'done') return { tone: 'good', words: [done, ...warnings].join(' ') }
  const fields = (problem?.errors ?? []).map(({ detail, pointer }) => `${pointer} ${detail}`)
  const words = [problem?.detail ?? '', ...fields].join(' ')
  return outcome.outcome === 'failed'
    ? { tone: 'bad', words }
    : { tone: 'warning', words: `It may have happened. ${words}` }
}
