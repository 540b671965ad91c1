import { clip } from '#kube'
import type { ReadDeployment } from '../read-deployment.ts'
import type { Evidence, Explanation } from './facts.ts'

const quoteLengthMax = 240

/** Characters that would break a line, hide what follows, or turn its direction. */
const odd = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu

/** A cluster's own words on one line, clipped. */
export function quote(text: string, lengthMax = quoteLengthMax): string {
  const line = clip(text, lengthMax * 2)
    .replace(odd, ' ')
    .trim()
  return line.length > lengthMax ? `${line.slice(0, lengthMax).trimEnd()}…` : line
}

/** Its words as the end of a sentence: with one full stop. */
export function quoteSentence(text: string): string {
  return `${quote(text).replace(/[.\s]+$/, '')}.`
}

export function describeAge(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} days`
}

/** When an age is described by other words than now, in ms. */
export function nextAge(since: number, now: number): number {
  const age = Math.max(0, now - since)
  const unit = age < 3_600_000 ? 60_000 : age < 48 * 3_600_000 ? 3_600_000 : 86_400_000
  return now + unit - (age % unit)
}

export function countWords(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}

export function evidence(object: string, field: string, value: string | number | null): Evidence {
  return { object: quote(object), field, value: quote(String(value ?? '')) }
}

/** Of the ModelDeployment itself. */
export function ownEvidence(
  { name }: ReadDeployment,
  field: string,
  value: string | number | null,
): Evidence {
  return evidence(`ModelDeployment ${name}`, field, value)
}

export function explanation(
  state: Explanation['state'],
  sentence: string,
  rest: Partial<Omit<Explanation, 'state' | 'sentence'>> = {},
): Explanation {
  return { state, sentence, evidence: [], next: '', changesAt: null, ...rest }
}

/** A time of the cluster's in ms; null where it is none. */
export function timeOf(text: string | null): number | null {
  const time = text === null ? Number.NaN : Date.parse(text)
  return Number.isNaN(time) ? null : time
}
