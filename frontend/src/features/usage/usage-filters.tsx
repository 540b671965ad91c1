import { SegmentedControl, Select } from '@mantine/core'
import { usageKeys } from '@hub/shared'
import { keyLabels, rangeLabels } from './usage-words.ts'
import { rangeDefault, ranges, type Range, type UsageSearch } from './usage-search.ts'
import classes from './usage.module.css'

export interface UsageFiltersProps {
  search: UsageSearch
  onSearch: (search: UsageSearch) => void
  administers: boolean
}

const ofOneself = usageKeys.filter((key) => key !== 'caller')
const rangeNames = Object.keys(ranges) as Range[]

export function UsageFilters({ search, onSearch, administers }: UsageFiltersProps) {
  const { who, ...mine } = search
  const keys = who === 'all' ? usageKeys : ofOneself
  return (
    <div className={classes.filters}>
      {administers && (
        <SegmentedControl
          aria-label="Whose"
          data={[
            { value: 'me', label: 'Mine' },
            { value: 'all', label: 'Everybody’s' },
          ]}
          value={who ?? 'me'}
          onChange={(value) => {
            const { by, ...rest } = mine
            const kept = by === 'caller' || by === undefined ? rest : { ...rest, by }
            onSearch(value === 'all' ? { ...kept, who: 'all' } : kept)
          }}
        />
      )}
      <Select
        aria-label="By"
        w={190}
        allowDeselect={false}
        data={keys.map((value) => ({ value, label: `By ${keyLabels[value].toLowerCase()}` }))}
        value={search.by ?? 'model'}
        onChange={(value) => {
          const by = keys.find((key) => key === value)
          if (by) onSearch({ ...search, by })
        }}
      />
      <Select
        aria-label="Time"
        w={190}
        allowDeselect={false}
        data={rangeNames.map((value) => ({ value, label: rangeLabels[value] }))}
        value={search.range ?? rangeDefault}
        onChange={(value) => {
          const range = rangeNames.find((name) => name === value)
          if (range) onSearch({ ...search, range })
        }}
      />
    </div>
  )
}
