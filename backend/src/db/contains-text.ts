import { or, sql, type SQL, type SQLWrapper } from 'drizzle-orm'

/**
 * Whether a text holds this part, in whatever case; as it is written always. SQLite knows the capitals from A to Z alone,
 * and PostgreSQL those of its locale, of which `C` has no others: the capitals of the part's other letters are replaced.
 * The escape is none that a setting of PostgreSQL gives another meaning.
 */
export function containsText(text: SQLWrapper, part: string): SQL | undefined {
  const patternOf = (of: string) => `%${of.replaceAll(/[!%_]/g, '!$&')}%`
  // Letter by letter: what a capital sigma becomes is said by where it stands.
  const letters = Array.from(part, (letter) => letter.toLowerCase())
  let lower = sql`lower(${text})`
  for (const letter of new Set(letters)) {
    const capital = letter.toUpperCase()
    if (/^[^\p{ASCII}]$/u.test(capital) && capital !== letter) {
      lower = sql`replace(${lower}, ${capital}, ${letter})`
    }
  }
  return or(
    sql`${lower} LIKE ${patternOf(letters.join(''))} ESCAPE '!'`,
    /[^\p{ASCII}]/u.test(part) ? sql`${text} LIKE ${patternOf(part)} ESCAPE '!'` : undefined,
  )
}
