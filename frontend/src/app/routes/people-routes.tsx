import { useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { meQuery } from '../../features/auth/queries.ts'
import { PeoplePage } from '../../features/people/people-page.tsx'
import { PersonPage } from '../../features/people/person-page.tsx'
import { ProgramPage } from '../../features/people/program-page.tsx'
import { ProgramsPage } from '../../features/people/programs-page.tsx'
import { useScopeNames } from '../use-instance-names.ts'

const peopleRoute = getRouteApi('/shell/access/people')
const personRoute = getRouteApi('/shell/access/people/$user')
const programRoute = getRouteApi('/shell/access/programs/$program')

export function PeopleRoute() {
  const search = peopleRoute.useSearch()
  const navigate = peopleRoute.useNavigate()
  return (
    <PeoplePage
      search={search}
      onSearch={(next) => void navigate({ search: next, replace: true })}
    />
  )
}

export function PersonRoute() {
  const { user } = personRoute.useParams()
  const place = personRoute.useSearch()
  const navigate = personRoute.useNavigate()
  const { data: me } = useSuspenseQuery(meQuery())
  const instances = useScopeNames()
  return (
    <PersonPage
      key={user}
      id={user}
      ownPrincipal={me.principal}
      instances={instances}
      place={place}
      onPlace={(next) => void navigate({ search: next, replace: true })}
      onPerson={(id) => void navigate({ to: '/access/people/$user', params: { user: id } })}
    />
  )
}

export function ProgramsRoute() {
  return <ProgramsPage />
}

export function ProgramRoute() {
  const { program } = programRoute.useParams()
  const place = programRoute.useSearch()
  const navigate = programRoute.useNavigate()
  return (
    <ProgramPage
      key={program}
      id={program}
      instances={useScopeNames()}
      place={place}
      onPlace={(next) => void navigate({ search: next, replace: true })}
    />
  )
}
