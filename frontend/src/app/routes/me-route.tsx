import { useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { RequestPanel } from '../../features/access-requests/request-panel.tsx'
import { MyAccessPage } from '../../features/access/my-access-page.tsx'
import { isLocal, meQuery } from '../../features/auth/queries.ts'
import { useInstanceNames } from '../use-instance-names.ts'

const route = getRouteApi('/shell/me')

export function MeRoute() {
  const { data: me } = useSuspenseQuery(meQuery())
  const { ask = false, instance, namespace, role } = route.useSearch()
  const navigate = route.useNavigate()
  const instances = useInstanceNames()
  const signsIn = !isLocal(me)
  return (
    <MyAccessPage
      me={me}
      signsIn={signsIn}
      instances={instances}
      requests={
        signsIn && (
          <RequestPanel
            opened={ask}
            onOpen={() => void navigate({ search: { ask: true }, replace: true })}
            onClose={() => void navigate({ search: {}, replace: true })}
            given={{
              ...(instance !== undefined && { instance }),
              ...(namespace !== undefined && { namespaces: [namespace] }),
              ...(role && { role }),
            }}
            instances={instances}
          />
        )
      }
    />
  )
}
