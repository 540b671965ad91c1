import { diffLines, type ChangeObject } from 'diff'

/** A line of a comparison; `gap` stands for lines that are the same on both sides. */
export type DiffLine =
  | { kind: 'same' | 'added' | 'removed'; text: string }
  | { kind: 'gap'; count: number }

/** How many lines around a change are shown. */
const around = 3

/** What was and what is, line by line; nothing where they are the same. */
export function compareLines(before: string, after: string): DiffLine[] {
  const changes: ChangeObject<string>[] = diffLines(before, after)
  if (changes.every(({ added, removed }) => !added && !removed)) return []
  return changes.flatMap((change, index): DiffLine[] => {
    const lines = change.value.replace(/\n$/, '').split('\n')
    if (change.added) return lines.map((text) => ({ kind: 'added', text }))
    if (change.removed) return lines.map((text) => ({ kind: 'removed', text }))
    const head = index === 0 ? 0 : around
    const tail = index === changes.length - 1 ? 0 : around
    const hidden = lines.length - head - tail
    // A gap of one line would take as much room as the line.
    if (hidden <= 1) return lines.map((text) => ({ kind: 'same', text }))
    return [
      ...lines.slice(0, head).map((text) => ({ kind: 'same' as const, text })),
      { kind: 'gap', count: hidden },
      ...lines.slice(lines.length - tail).map((text) => ({ kind: 'same' as const, text })),
    ]
  })
}
