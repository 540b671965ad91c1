import classes from './avatar.module.css'

/** A person's initials, beside the name: for the eye alone. */
export function Avatar({ name, size = 24 }: { name: string; size?: number }) {
  return (
    // Drawn by the style sheet, so that the letters are no part of the name of a button.
    <span
      className={classes.avatar}
      data-initials={initialsOf(name)}
      style={{ width: size, height: size, fontSize: size * 0.42 }}
      aria-hidden
    />
  )
}

/** Two letters at most: of the first and the last word. */
function initialsOf(name: string): string {
  const words = name.split(/[^\p{L}\p{N}]+/u).filter(Boolean)
  const [first = '', last = ''] = [words[0], words.length > 1 ? words.at(-1) : undefined]
  return [first, last].map((word) => (/^./u.exec(word)?.[0] ?? '').toUpperCase()).join('')
}
