import { VisuallyHidden } from '@mantine/core'
import { useMemo } from 'react'
import { writeYaml } from '../editor/manifest-yaml.ts'
import { compareLines } from './diff-lines.ts'
import classes from './diff-view.module.css'

export interface DiffViewProps {
  /** What is compared: "What changes". */
  label: string
  before: unknown
  after: unknown
}

const signs = { added: '+', removed: '−', same: ' ' }
const words = { added: 'Added: ', removed: 'Removed: ', same: '' }

/** What is otherwise, as lines of YAML. */
export function DiffView({ after, before, label }: DiffViewProps) {
  const lines = useMemo(() => compareLines(writeYaml(before), writeYaml(after)), [before, after])
  if (lines.length === 0) return <p className={classes.none}>There is no difference.</p>
  return (
    // What scrolls has to be reachable by keyboard (WCAG 2.1.1).
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <section className={classes.diff} tabIndex={0} aria-label={label}>
      {lines.map((line, index) =>
        line.kind === 'gap' ? (
          <div key={index} className={classes.gap}>
            {line.count} lines are the same
          </div>
        ) : (
          <div key={index} className={classes.line} data-kind={line.kind}>
            <span aria-hidden>{signs[line.kind]}</span>
            <VisuallyHidden>{words[line.kind]}</VisuallyHidden>
            <span>{line.text}</span>
          </div>
        ),
      )}
    </section>
  )
}
