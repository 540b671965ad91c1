import type { Activity } from '@hub/shared'
import { useIsFetching, useSuspenseQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { usePageTitle } from '../../components/page-name.ts'
import { ButtonLink, TextLink } from '../../components/router-link.tsx'
import { useIsComing } from '../../components/use-is-coming.ts'
import { isLocal, meQuery } from '../../features/auth/queries.ts'
import { FleetPage } from '../../features/fleet/fleet-page.tsx'
import type { MapCell } from '../../features/fleet/map-cells.ts'
import { NoInstances } from '../../features/instances/no-instances.tsx'
import { DeploySomewhere } from '../deploy-somewhere.tsx'
import { useNeeds } from '../use-needs.ts'

export function FleetRoute() {
  usePageTitle('Fleet')
  const reading = useIsFetching({ predicate: ({ state }) => state.data === undefined })
  return useIsComing(reading > 0) ? <div aria-busy /> : <Fleet />
}

function Fleet() {
  const { data: me } = useSuspenseQuery(meQuery())
  const navigate = useNavigate()
  const needs = useNeeds(me).map(({ action, ...need }) => ({
    ...need,
    action: (
      <ButtonLink to={action.href} variant="default" size="xs">
        {action.label}
      </ButtonLink>
    ),
  }))
  const open = (instance: string, cell: MapCell) => {
    if (cell.kind === 'held') {
      const { namespace, name } = cell.holder
      void navigate({ to: deploymentAddress, params: { instance, namespace, name } })
    } else void navigate({ to: '/instances/$instance', params: { instance } })
  }
  return (
    <FleetPage
      needs={needs}
      moreNeeds={<TextLink to="/instances">All instances</TextLink>}
      actions={<DeploySomewhere />}
      empty={<NoInstances isLocal={isLocal(me)} administers={me.abilities.administer} />}
      renderInstance={(id) => (
        <TextLink to="/instances/$instance" params={{ instance: id }} strong>
          {id}
        </TextLink>
      )}
      renderHolder={(holder) => (
        <TextLink to={deploymentAddress} params={holder}>
          {holder.name}
        </TextLink>
      )}
      renderTarget={(target) => <Target target={target} />}
      onOpen={open}
    />
  )
}

function Target({ target }: { target: NonNullable<Activity['target']> }) {
  const { instance, namespace, name } = target
  if (namespace === null || name === null) {
    return (
      <TextLink to="/instances/$instance" params={{ instance }}>
        {instance}
      </TextLink>
    )
  }
  return (
    <TextLink to={deploymentAddress} params={{ instance, namespace, name }}>
      {name} on {instance}
    </TextLink>
  )
}

const deploymentAddress = '/instances/$instance/namespaces/$namespace/deployments/$name'
