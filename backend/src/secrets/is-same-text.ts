import { timingSafeEqual } from 'node:crypto'

/** Takes as long for a wrong text as for the right one of its length, so that nobody finds it out piece by piece. */
export function isSameText(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)]
  return a.length === b.length && timingSafeEqual(a, b)
}
