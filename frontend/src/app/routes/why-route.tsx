import { getRouteApi } from '@tanstack/react-router'
import { WhyPage } from '../../features/people/why-page.tsx'
import { useScopeNames } from '../use-instance-names.ts'

const route = getRouteApi('/shell/access/why')

export function WhyRoute() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <WhyPage
      search={search}
      onSearch={(next) => void navigate({ search: next, replace: true })}
      instances={useScopeNames()}
    />
  )
}
