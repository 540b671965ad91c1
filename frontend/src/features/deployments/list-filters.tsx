import { IconChevronDown, IconX } from '@tabler/icons-react'
import type { DeploymentList } from '@hub/shared'
import { lazyNamed } from '../../components/lazy-named.ts'
import { MenuButton } from '../../components/menu-button.tsx'
import { SearchField } from '../../components/search-field.tsx'
import { facetNames, nameFacetValue } from './facet-words.ts'
import {
  facets,
  hasFilter,
  withField,
  withoutFilters,
  type DeploymentFilter,
  type Facet,
  type ListSearch,
} from './list-filter.ts'
import { StatusFilter } from './status-filter.tsx'
import { PlainButton } from '../../components/plain-button.tsx'
import classes from './deployment-list.module.css'

const loadMenu = () => import('./facet-menu.tsx')
const FacetMenu = lazyNamed(loadMenu, 'FacetMenu')

export interface ListFiltersProps {
  search: ListSearch
  onSearch: (search: ListSearch) => void
  /** What the hub is asked for. */
  filter: DeploymentFilter
  /** The page's own instance, which there is nothing to choose of. */
  instance: string | undefined
  counts: DeploymentList['counts'] | undefined
  /** What people are called, by their principals. */
  names: ReadonlyMap<string, string>
}

/** What narrows a list of deployments; each of it is in the address. */
export function ListFilters(props: ListFiltersProps) {
  const { search, onSearch, filter, instance, counts } = props
  const isMine = search.owner === 'me'
  return (
    <>
      <div className={classes.filters}>
        <SearchField
          label="Search deployments"
          placeholder="Name, model, namespace, engine…"
          text={search.q ?? ''}
          onChange={(q) => onSearch(withField(search, 'q', q))}
        />
        <div className={classes.facets}>
          <PlainButton
            className={classes.toggle}
            aria-pressed={isMine}
            onClick={() => onSearch(withField(search, 'owner', isMine ? null : 'me'))}
          >
            Mine
          </PlainButton>
          {facets
            .filter((facet) => facet !== 'instance' || instance === undefined)
            .map((facet) => (
              <MenuButton
                key={facet}
                label={facetNames[facet]}
                popup="listbox"
                button={
                  <span className={classes.facet}>
                    {facetNames[facet]}
                    <IconChevronDown size={14} aria-hidden />
                  </span>
                }
                onIntent={() => void loadMenu()}
              >
                {(menu) => (
                  <FacetMenu
                    {...menu}
                    facet={facet}
                    value={search[facet] ?? null}
                    filter={filter}
                    onChoose={(value) => onSearch(withField(search, facet, value))}
                  />
                )}
              </MenuButton>
            ))}
        </div>
      </div>
      <StatusFilter
        counts={counts}
        status={search.status ?? null}
        onChange={(status) => onSearch(withField(search, 'status', status))}
      />
      <FilterChips {...props} />
    </>
  )
}

/** What the list is narrowed by beside words and status, each to be taken away. */
function FilterChips({ search, onSearch, instance, names }: ListFiltersProps) {
  const isShown = (facet: Facet) =>
    search[facet] !== undefined &&
    !(facet === 'instance' && instance !== undefined) &&
    !(facet === 'owner' && search.owner === 'me')
  const set = facets.filter(isShown)
  if (!hasFilter(search)) return null
  return (
    <div className={classes.chips}>
      {set.map((facet) => {
        const words = `${facetNames[facet]}: ${nameFacetValue(facet, search[facet] ?? '', names)}`
        return (
          <PlainButton
            key={facet}
            className={classes.chip}
            aria-label={`${words}, remove`}
            onClick={() => onSearch(withField(search, facet, null))}
          >
            {words}
            <IconX size={14} aria-hidden />
          </PlainButton>
        )
      })}
      <PlainButton className={classes.clear} onClick={() => onSearch(withoutFilters(search))}>
        Clear filters
      </PlainButton>
    </div>
  )
}
