import { usageKeys } from '@hub/shared'
import { measures, ranges, type Range, type UsageSearch } from '../features/usage/usage-search.ts'
import { readFields } from './read-fields.ts'

const rangeNames = Object.keys(ranges) as Range[]
const oneOf =
  <const Known extends string>(known: readonly Known[]) =>
  (text: string) =>
    known.find((each) => each === text)

export function readUsageSearch(search: Record<string, unknown>): UsageSearch {
  return readFields(
    {
      who: oneOf(['all']),
      by: oneOf(usageKeys),
      range: oneOf(rangeNames),
      measure: oneOf(measures),
    },
    search,
  )
}
