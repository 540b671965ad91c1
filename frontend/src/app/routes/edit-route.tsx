import { Skeleton } from '@mantine/core'
import { IconLock } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { Loaded } from '../../components/loaded.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { usePageTitle } from '../../components/page-name.ts'
import { ButtonLink } from '../../components/router-link.tsx'
import { StateMessage } from '../../components/state-message.tsx'
import { EditDeployment } from '../../features/deployments/changes/edit-page.tsx'
import { deploymentQuery } from '../../features/deployments/queries.ts'
import { instanceQuery } from '../../features/instances/queries.ts'
import { AskLink } from '../ask-link.tsx'

const route = getRouteApi('/shell/instances/$instance/namespaces/$namespace/deployments/$name/edit')

export function EditRoute() {
  const at = route.useParams()
  usePageTitle(`Edit ${at.name}`)
  const navigate = useNavigate()
  const deployment = useQuery(deploymentQuery(at))
  const instance = useQuery(instanceQuery(at.instance))
  return (
    <>
      <PageHeader title={`Edit ${at.name}`} below={`In ${at.namespace} on ${at.instance}`} />
      <Loaded
        query={deployment}
        title="The deployment could not be loaded"
        placeholder={<Skeleton height={360} maw={860} radius="md" aria-hidden />}
      >
        {({ deployment: known, gone }) =>
          known.abilities.update && !gone ? (
            <EditDeployment
              key={known.uid}
              deployment={known}
              runtimes={instance.data?.runtimes ?? null}
              onLeave={() =>
                void navigate({
                  to: '/instances/$instance/namespaces/$namespace/deployments/$name',
                  params: at,
                })
              }
            />
          ) : (
            <StateMessage
              icon={IconLock}
              title={gone ? `${at.name} was deleted` : 'You cannot change it'}
              actions={
                <>
                  {!gone && (
                    <AskLink instance={at.instance} namespace={at.namespace} wanted="deployer" />
                  )}
                  <ButtonLink
                    variant="default"
                    to="/instances/$instance/namespaces/$namespace/deployments/$name"
                    params={at}
                  >
                    Back to {at.name}
                  </ButtonLink>
                </>
              }
            >
              {gone
                ? `It no longer exists in ${at.namespace} on ${at.instance}.`
                : `Changing it needs the deployer role in ${at.namespace} on ${at.instance}.`}
            </StateMessage>
          )
        }
      </Loaded>
    </>
  )
}
