import { IconHelpCircle } from '@tabler/icons-react'
import { PageHeader } from '../../components/page-header.tsx'
import { usePageTitle } from '../../components/page-name.ts'
import { StateMessage } from '../../components/state-message.tsx'
import { EffectiveAccessPanel } from './effective-access-panel.tsx'
import { HolderField } from './holder-field.tsx'
import type { PlaceSearch } from './place-fields.tsx'
import type { Holder } from './queries.ts'

/** Whose access is asked about, and where, as the address has it. */
export type WhySearch = PlaceSearch & { user?: string; service?: string }

export interface WhyPageProps {
  search: WhySearch
  onSearch: (search: WhySearch) => void
  instances: readonly string[]
}

/** What anybody may do anywhere, and why. */
export function WhyPage({ search, onSearch, instances }: WhyPageProps) {
  usePageTitle('Why')
  const { user, service, ...place } = search
  const holder = readHolder({ user, service })
  return (
    <>
      <PageHeader title="Why" below="What somebody may do somewhere, and which role allows it" />
      <HolderField holder={holder} onHolder={(next) => onSearch({ ...next, ...place })} />
      {holder === null ? (
        <StateMessage icon={IconHelpCircle} title="Whose access?">
          Choose a person or a program to see what they may do, and why.
        </StateMessage>
      ) : (
        <EffectiveAccessPanel
          holder={holder}
          instances={instances}
          place={place}
          onPlace={(next) => onSearch({ ...holder, ...next })}
        />
      )}
    </>
  )
}

function readHolder({
  user,
  service,
}: {
  user: string | undefined
  service: string | undefined
}): Holder | null {
  if (user !== undefined) return { user }
  return service === undefined ? null : { service }
}
