import { ToneIcon } from '../../components/tone-icon.tsx'
import type { Tone } from '../../components/tone.ts'
import { Section } from '../../components/section.tsx'
import type { ReactNode } from 'react'
import classes from './needs-you.module.css'

/** Something that waits for this person: what is, why, and the next step. */
export interface Need {
  key: string
  tone: Tone
  title: string
  detail: ReactNode
  /** How many things it stands for. */
  count: number
  action: ReactNode
}

const shownFirst = 6

/** What needs somebody, the worst first; nothing where nothing does. */
export function NeedsYou({ needs, more }: { needs: readonly Need[]; more: ReactNode }) {
  if (needs.length === 0) return null
  return (
    <Section title="Needs you">
      <ul className={classes.needs}>
        {needs.slice(0, shownFirst).map(({ key, tone, title, detail, action }) => (
          <li key={key} className={classes.need}>
            <ToneIcon tone={tone} size={18} />
            <div className={classes.words}>
              <p className={classes.title}>{title}</p>
              <p className={classes.detail}>{detail}</p>
            </div>
            <div className={classes.action}>{action}</div>
          </li>
        ))}
      </ul>
      {needs.length > shownFirst && (
        <p className={classes.more}>
          {needs.length - shownFirst} more. {more}
        </p>
      )}
    </Section>
  )
}
