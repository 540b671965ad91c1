import { Skeleton, Stack } from '@mantine/core'
import { IconLock } from '@tabler/icons-react'
import { useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { Notice } from '../../components/notice.tsx'
import { notify } from '../../components/notify.ts'
import { PageHeader } from '../../components/page-header.tsx'
import { usePageTitle } from '../../components/page-name.ts'
import { ProblemMessage } from '../../components/problem-message.tsx'
import { useNow } from '../../components/relative-time.tsx'
import { ButtonLink } from '../../components/router-link.tsx'
import { StateMessage } from '../../components/state-message.tsx'
import { meQuery } from '../../features/auth/queries.ts'
import { DeployForm } from '../../features/deployments/deploy/deploy-form.tsx'
import { rememberDeployment } from '../../features/deployments/queries.ts'
import { describeInstanceState } from '../../components/instance-words.ts'
import { canDeployOn } from '../../features/instances/instance-state.ts'
import { instanceQuery, instancesQuery, namespacesQuery } from '../../features/instances/queries.ts'
import { isProblem } from '../../lib/api/problem.ts'
import { describeEnd } from '../../lib/time.ts'
import { AskLink } from '../ask-link.tsx'

const route = getRouteApi('/shell/instances/$instance/deploy')

export function DeployRoute() {
  const { instance: id } = route.useParams()
  usePageTitle(`Deploy a model on ${id}`)
  return (
    <>
      <PageHeader title="Deploy a model" />
      <DeployOn key={id} id={id} />
    </>
  )
}

function DeployOn({ id }: { id: string }) {
  const client = useQueryClient()
  const { data: me } = useSuspenseQuery(meQuery())
  const navigate = useNavigate()
  const instance = useQuery(instanceQuery(id))
  const namespaces = useQuery(namespacesQuery(id))
  const all = useQuery(instancesQuery())
  const now = useNow()
  if (instance.isPending || namespaces.isPending) {
    return <Skeleton height={360} maw={760} radius="md" aria-hidden />
  }
  const failed = instance.data === undefined ? instance : namespaces
  if (instance.data === undefined || namespaces.data === undefined) {
    return (
      <ProblemMessage
        error={failed.error}
        title="The form could not be loaded"
        onRetry={() => void failed.refetch()}
        actions={
          <>
            {isProblem(failed.error, 403, 404) && <AskLink instance={id} wanted="deployer" />}
            <BackLink id={id} />
          </>
        }
      />
    )
  }
  if (!instance.data.abilities.deploy) {
    return <MayNotDeploy id={id} />
  }
  const closed = instance.data.maintenance
  const { state, reason } = instance.data.status
  const { label, tone } = describeInstanceState(state)
  return (
    <Stack gap="md">
      {closed && (
        <Notice tone="warning" title={`${id} is closed for new deployments`}>
          {closed.reason} It opens again {describeEnd(closed.until, now)}.
        </Notice>
      )}
      {state !== 'ready' && (
        <Notice tone={tone} title={`${id}: ${label}`}>
          {reason} Deploying here may not work at the moment.
        </Notice>
      )}
      <DeployForm
        person={me.principal}
        instance={instance.data}
        namespaces={namespaces.data}
        elsewhere={(all.data?.items ?? [])
          .filter((other) => other.id !== id && canDeployOn(other))
          .map((other) => ({ id: other.id, closed: other.maintenance?.reason ?? null }))}
        onDeployedAll={() => void navigate({ to: '/deployments' })}
        onDeployed={(deployment) => {
          rememberDeployment(client, deployment)
          notify({
            title: 'Deployment created',
            message: `${deployment.name} is being deployed on ${deployment.instance}.`,
          })
          const { instance: on, namespace, name } = deployment
          void navigate({
            to: '/instances/$instance/namespaces/$namespace/deployments/$name',
            params: { instance: on, namespace, name },
          })
        }}
      />
    </Stack>
  )
}

function MayNotDeploy({ id }: { id: string }) {
  return (
    <StateMessage
      icon={IconLock}
      title="You cannot deploy here"
      actions={
        <>
          <AskLink instance={id} wanted="deployer" />
          <BackLink id={id} />
        </>
      }
    >
      Deploying on {id} needs the deployer role, which an administrator of the hub can grant.
    </StateMessage>
  )
}

function BackLink({ id }: { id: string }) {
  return (
    <ButtonLink variant="default" to="/instances/$instance" params={{ instance: id }}>
      Back to {id}
    </ButtonLink>
  )
}
