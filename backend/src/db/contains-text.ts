import { or, sql, type SQL, type SQLWrapper } from 'drizzle-orm'

/**
 * Whether a text holds this part: in whatever case as far as the database knows letters, of which SQLite knows A to Z;
 * as it is written always. The escape is none that a setting of PostgreSQL gives another meaning.
 */
export function containsText(text: SQLWrapper, part: string): SQL | undefined {
  const patternOf = (of: string) => `%${of.replaceAll(/[!%_]/g, '!$&')}%`
  return or(
    sql`lower(${text}) LIKE ${patternOf(part.toLowerCase())} ESCAPE '!'`,
    /[^\p{ASCII}]/u.test(part) ? sql`${text} LIKE ${patternOf(part)} ESCAPE '!'` : undefined,
  )
}
