import { hash } from 'node:crypto'

/** Random ids are kept by this digest alone, so that a copy of the database opens no session. */
export function digestOf(value: string): string {
  return hash('sha256', value)
}
