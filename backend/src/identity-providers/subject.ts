/** OpenID Connect Core 1.0 §2: a text of 255 characters at most. */
const subjectLengthMax = 255

/**
 * Why nobody can be known by this, or null: a number loses digits on its way through JSON, so that two people could be one,
 * and what a database cannot keep as it is could be another's.
 */
export function findSubjectFault(sub: unknown, lengthMax = subjectLengthMax): string | null {
  if (typeof sub === 'number') return 'sub is a number, not text'
  if (typeof sub !== 'string') return 'sub is not text'
  if (sub.trim() === '') return 'sub is empty'
  if (sub.length > lengthMax) return `sub is longer than ${lengthMax} characters`
  if (/\p{Cc}/u.test(sub) || !sub.isWellFormed()) return 'sub has characters that are none'
  return null
}
