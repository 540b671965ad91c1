import type { OidcChecks } from '@hub/shared'
import { ToneIcon } from '../../../components/tone-icon.tsx'
import classes from './checks.module.css'

const outcomes = {
  pass: { tone: 'good', words: 'Good' },
  warn: { tone: 'warning', words: 'Look at it' },
  fail: { tone: 'bad', words: 'Wrong' },
} as const

/** What was checked, what is wrong with it, and what helps. */
export function Checks({ items, label }: { items: OidcChecks['items']; label: string }) {
  return (
    <ul className={classes.list} aria-label={label}>
      {items.map(({ detail, name, outcome }) => (
        <li key={name} className={classes.item}>
          <ToneIcon tone={outcomes[outcome].tone} size={16} />
          <span>
            <strong>
              {outcomes[outcome].words}: {name}.
            </strong>{' '}
            {detail}
          </span>
        </li>
      ))}
    </ul>
  )
}
