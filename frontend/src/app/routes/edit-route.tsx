import { Skeleton } from '@mantine/core'
import { IconLock } from '@tabler/icons-react'
import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { Loaded } from '../../components/loaded.tsx'
import { Notice } from '../../components/notice.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { usePageTitle } from '../../components/page-name.ts'
import { ButtonLink } from '../../components/router-link.tsx'
import { StateMessage } from '../../components/state-message.tsx'
import { meQuery } from '../../features/auth/queries.ts'
import { EditDeployment } from '../../features/deployments/changes/edit-page.tsx'
import { deploymentQuery, type DeploymentCoordinates } from '../../features/deployments/queries.ts'
import { instanceQuery } from '../../features/instances/queries.ts'
import { AskLink } from '../ask-link.tsx'

const route = getRouteApi('/shell/instances/$instance/namespaces/$namespace/deployments/$name/edit')

export function EditRoute() {
  const at = route.useParams()
  usePageTitle(`Edit ${at.name}`)
  const navigate = useNavigate()
  const { data: me } = useSuspenseQuery(meQuery())
  const deployment = useQuery(deploymentQuery(at))
  const instance = useQuery(instanceQuery(at.instance))
  const [isWritten, setWritten] = useState(false)
  const place = `${at.namespace} on ${at.instance}`
  return (
    <>
      <PageHeader title={`Edit ${at.name}`} below={`In ${place}`} />
      <Loaded
        query={deployment}
        title="The deployment could not be loaded"
        placeholder={<Skeleton height={360} maw={860} radius="md" aria-hidden />}
      >
        {({ deployment: known, gone }) => {
          const refusal = known.abilities.update && !gone ? null : describeRefusal(at, gone)
          const ask = !gone && (
            <AskLink instance={at.instance} namespace={at.namespace} wanted="deployer" />
          )
          // What somebody wrote is theirs, whatever happens to the deployment meanwhile.
          return refusal === null || isWritten ? (
            <EditDeployment
              key={known.uid}
              person={me.principal}
              deployment={known}
              runtimes={instance.data?.runtimes ?? null}
              closed={
                refusal && (
                  <Notice tone="warning" title={refusal.title} action={ask}>
                    {refusal.words} What you wrote stays here: as YAML it can be copied.
                  </Notice>
                )
              }
              onWritten={setWritten}
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
              title={refusal.title}
              actions={
                <>
                  {ask}
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
              {refusal.words}
            </StateMessage>
          )
        }}
      </Loaded>
    </>
  )
}

/** Why it cannot be changed. */
function describeRefusal(
  { instance, name, namespace }: DeploymentCoordinates,
  gone: boolean,
): { title: string; words: string } {
  const place = `${namespace} on ${instance}`
  return gone
    ? { title: `${name} was deleted`, words: `It no longer exists in ${place}.` }
    : {
        title: 'You cannot change it',
        words: `Changing it needs the deployer role in ${place}.`,
      }
}
