import { Button } from '@mantine/core'
import { writeCount } from '../../../lib/count.ts'
import type { LogState } from './use-logs.ts'
import classes from './logs.module.css'

export interface LogNotesProps {
  log: LogState
  /** How many lines are in the list. */
  shown: number
  isSearch: boolean
  /** Newer lines wait. */
  isHeld: boolean
  onAgain: () => void
}

/** What is to know of a log beside its lines: what is left out, and why nothing more comes. */
export function LogNotes({ log, shown, isSearch, isHeld, onAgain }: LogNotesProps) {
  const { dropped, forgotten, lines, pods, reason, state } = log
  return (
    <div className={classes.note} aria-live="polite">
      <p>{describeLog(log)}</p>
      {isSearch && (
        <p>
          {writeCount(shown)} of {writeCount(lines.length)} lines match.
        </p>
      )}
      {isHeld && <p>Paused: newer lines wait until you follow again.</p>}
      {[...pods].map(([pod, words]) => (
        <p key={pod}>
          {pod}: {words}
        </p>
      ))}
      {dropped > 0 && (
        <p>
          {writeCount(dropped)} lines were left out, because more arrived than the hub passes on.
        </p>
      )}
      {forgotten > 0 && <p>{writeCount(forgotten)} older lines are no longer on this page.</p>}
      {reason !== null && <p>{reason}</p>}
      {(state === 'lost' || state === 'ended') && (
        <Button variant="default" size="xs" mt={8} onClick={onAgain}>
          Read again
        </Button>
      )}
    </div>
  )
}

function describeLog({ state, lines }: LogState): string {
  switch (state) {
    case 'connecting':
      return 'Connecting…'
    case 'lost':
      return 'The connection to the hub was lost, or the hub did not open the log.'
    case 'ended':
      return 'The log has ended.'
    case 'open':
      return lines.length === 0 ? 'Nothing has been written yet.' : 'Live.'
  }
}
