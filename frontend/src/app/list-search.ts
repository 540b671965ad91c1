import { deploymentStatuses, isDnsLabel } from '@hub/shared'
import { readSort, type ListSearch } from '../features/deployments/list-filter.ts'
import { readFields } from './read-fields.ts'

const searchLengthMax = 200
const valueLengthMax = 4_000

const name = (text: string) => (isDnsLabel(text) ? text : undefined)
const value = (text: string) =>
  text.trim() === '' || text.length > valueLengthMax ? undefined : text

const fields = {
  q: (text: string) => (text === '' ? undefined : text.slice(0, searchLengthMax)),
  status: (text: string) => deploymentStatuses.find((each) => each === text),
  instance: name,
  namespace: name,
  model: value,
  owner: value,
  gpu: value,
  engine: value,
  sort: (text: string) => (readSort(text) ? text : undefined),
}

/** Reads a list's filters from the address; what makes no sense there is left out. */
export function readListSearch(search: Record<string, unknown>): ListSearch {
  return readFields(fields, search)
}
