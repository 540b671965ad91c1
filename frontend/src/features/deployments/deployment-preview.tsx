import type { Deployment } from '@hub/shared'
import { Facts } from '../../components/facts.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import { ButtonLink } from '../../components/router-link.tsx'
import { StatusBadge } from '../../components/status-badge.tsx'
import { nameModel, Owner } from './deployment-columns.tsx'
import { nameEngine } from './engine.ts'
import { describeGpus } from './gpus.ts'
import { describeReplicas } from './replicas.ts'
import { describeLastState, describeState } from './state-words.ts'
import classes from './deployment-preview.module.css'

export interface DeploymentPreviewProps {
  deployment: Deployment
  isCurrent: boolean
  names: ReadonlyMap<string, string>
}

/** What a row leaves out: why it is as it is, and what it is made of. */
export function DeploymentPreview({ deployment, isCurrent, names }: DeploymentPreviewProps) {
  const { createdAt, createdBy, engine, instance, model, namespace, runtime } = deployment
  const { tone, words } = isCurrent ? describeState(deployment) : describeLastState(deployment)
  return (
    <div className={classes.preview}>
      <div>
        <StatusBadge tone={tone} label={words} />
      </div>
      <p>{deployment.sentence}</p>
      <Facts
        items={[
          { term: 'Model', value: nameModel(model) },
          { term: 'Place', value: `${instance} / ${namespace}` },
          { term: 'Owner', value: <Owner principal={createdBy} names={names} /> },
          { term: 'Replicas', value: describeReplicas(deployment) },
          { term: 'GPUs', value: describeGpus(deployment) },
          { term: 'Engine', value: engine === null ? 'Not chosen yet' : nameEngine(engine) },
          { term: 'Runtime', value: runtime ?? 'Not chosen yet' },
          { term: 'Created', value: <RelativeTime at={createdAt} /> },
        ]}
      />
    </div>
  )
}

export function OpenDeployment({ deployment }: { deployment: Deployment }) {
  const { instance, name, namespace } = deployment
  return (
    <ButtonLink
      size="xs"
      to="/instances/$instance/namespaces/$namespace/deployments/$name"
      params={{ instance, namespace, name }}
    >
      Open
    </ButtonLink>
  )
}
