import type { DeploymentManifest } from '@hub/shared'
import { Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Loaded } from '../../../components/loaded.tsx'
import { readKeptEdit } from './kept-edit.ts'
import { EditForm, type EditDeploymentProps } from './edit-form.tsx'
import { readManifest } from './queries.ts'

/** The deployment as it is on its cluster, to change: read once, so that it does not move under the hands. */
export function EditDeployment(props: EditDeploymentProps) {
  const { deployment } = props
  const manifest = useQuery({
    queryKey: ['edit', deployment.instance, deployment.namespace, deployment.name],
    queryFn: () => readManifest(deployment),
    staleTime: Infinity,
    gcTime: 0,
    refetchOnWindowFocus: false,
  })
  return (
    <Loaded
      query={manifest}
      title="The deployment could not be read"
      placeholder={<Skeleton height={360} maw={860} radius="md" aria-hidden />}
    >
      {(read) => <Edited {...props} read={read} />}
    </Loaded>
  )
}

function Edited({ read, ...props }: EditDeploymentProps & { read: DeploymentManifest }) {
  const { deployment, person } = props
  const [kept] = useState(() => readKeptEdit(person, deployment))
  // What others made of it meanwhile takes its place, once somebody has decided on it.
  const [base, setBase] = useState(kept?.base ?? read)
  return <EditForm {...props} base={base} kept={kept} onBase={setBase} />
}
