import type { Tone } from './tone.ts'
import { ToneIcon } from './tone-icon.tsx'
import classes from './status-label.module.css'

/** A state within a row: its icon and its words, which are cut where there is no room. */
export function StatusLabel({ tone, words }: { tone: Tone; words: string }) {
  return (
    <span className={classes.label} title={words}>
      <ToneIcon tone={tone} size={15} />
      <span className={classes.words}>{words}</span>
    </span>
  )
}
