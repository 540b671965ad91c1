import { accountOperations } from '#accounts'
import { accessOperations, type AccessDeps } from '#access'
import { activityOperations, type ListActivity, type ListAgentCalls } from '#activity'
import { auditOperations, type AuditListDeps } from '#audit'
import { credentialOperations, type CredentialDeps } from '#clusters'
import { confirmationOperations } from '#confirmations'
import type { Clock } from '#context'
import {
  changeOperations,
  deploymentOperations,
  historyOperations,
  modelOperations,
  podOperations,
  policyOperations,
  resourceOperations,
  servedModelOperations,
  severalOperations,
  templateOperations,
  waitOperations,
  type CreationDeps,
  type DeploymentChat,
  type DeploymentDeps,
  type DeploymentLogs,
  type DeploymentWaits,
  type ListDeployments,
  type ListFacets,
  type AskRange,
  type MetricsWatch,
} from '#deployments'
import { fleetOperations, type GetFleetHistory, type GetFleetMap } from '#fleet'
import {
  instanceOperations,
  maintenanceOperations,
  oidcOperations,
  trialOperations,
  type HealthDeps,
  type OidcDeps,
  type TrialDeps,
} from '#instances'
import { ownTokenOperations } from '#own-tokens'
import { bindOperations, type BoundOperation } from '#operation'
import { peopleOperations, type PeopleDeps } from '#people'
import type { SealedText } from '#secrets'
import type { DirectRoutes, ModelRules } from '#serving'
import { sessionOperations } from '#sessions'
import { setupOperations } from '#setup'
import { signInOperations } from '#sign-in'
import { streamOperations, type Streams } from '#stream'
import { tokenOperations } from '#tokens'
import { usageOperations, type UsageDeps } from '#usage'
import type { Auth } from './create-auth.ts'

export type OperationDeps = {
  auth: Auth
  access: AccessDeps
  people: PeopleDeps
  credentials: CredentialDeps
  instances: HealthDeps & OidcDeps & { trials: TrialDeps; rbacDirectory: string }
  deployments: DeploymentDeps &
    CreationDeps & {
      sealedHistory: SealedText
      listDeployments: ListDeployments
      listFacets: ListFacets
      logs: DeploymentLogs
      metrics: MetricsWatch
      directRoutes: DirectRoutes
      askRange: AskRange
      chat: DeploymentChat
      waits: DeploymentWaits
      rules: ModelRules
      now: Clock
    }
  fleet: {
    getFleetHistory: GetFleetHistory
    getFleetMap: GetFleetMap
    listActivity: ListActivity
    listAgentCalls: ListAgentCalls
  }
  audit: AuditListDeps
  usage: UsageDeps
  streams: Streams
}

/** Everything the hub does for somebody who asks, whichever door they come by. */
export function createOperations(deps: OperationDeps): BoundOperation[] {
  const { auth } = deps
  return [
    ...bindOperations(signInOperations, auth),
    ...bindOperations(sessionOperations, auth),
    ...bindOperations(tokenOperations, { ...auth, budgets: deps.deployments.budgets }),
    ...bindOperations(setupOperations, auth),
    ...bindOperations(instanceOperations, deps.instances),
    ...bindOperations(maintenanceOperations, deps.instances),
    ...bindOperations(oidcOperations, deps.instances),
    ...bindOperations(trialOperations, deps.instances),
    ...bindOperations(ownTokenOperations, deps.instances),
    ...bindOperations(confirmationOperations, deps.deployments),
    ...bindOperations(policyOperations, deps.deployments),
    ...bindOperations(fleetOperations, deps.fleet),
    ...bindOperations(activityOperations, deps.fleet),
    ...bindOperations(deploymentOperations, deps.deployments),
    ...bindOperations(changeOperations, deps.deployments),
    ...bindOperations(podOperations, deps.deployments),
    ...bindOperations(waitOperations, deps.deployments),
    ...bindOperations(resourceOperations, deps.deployments),
    ...bindOperations(modelOperations, deps.deployments),
    ...bindOperations(servedModelOperations, deps.deployments),
    ...bindOperations(templateOperations, deps.deployments),
    ...bindOperations(severalOperations, deps.deployments),
    ...bindOperations(historyOperations, deps.deployments),
    ...bindOperations(streamOperations, deps),
    ...bindOperations(credentialOperations, deps.credentials),
    ...bindOperations(peopleOperations, deps.people),
    ...bindOperations(accountOperations, { ...deps.access, ...deps.people }),
    ...bindOperations(accessOperations, deps.access),
    ...bindOperations(auditOperations, deps.audit),
    ...bindOperations(usageOperations, deps.usage),
  ]
}

/** Each of them, as typed clients know it. */
export type HubOperation =
  | (typeof signInOperations)[number]
  | (typeof sessionOperations)[number]
  | (typeof tokenOperations)[number]
  | (typeof setupOperations)[number]
  | (typeof instanceOperations)[number]
  | (typeof maintenanceOperations)[number]
  | (typeof oidcOperations)[number]
  | (typeof trialOperations)[number]
  | (typeof ownTokenOperations)[number]
  | (typeof confirmationOperations)[number]
  | (typeof policyOperations)[number]
  | (typeof fleetOperations)[number]
  | (typeof activityOperations)[number]
  | (typeof deploymentOperations)[number]
  | (typeof changeOperations)[number]
  | (typeof podOperations)[number]
  | (typeof waitOperations)[number]
  | (typeof resourceOperations)[number]
  | (typeof modelOperations)[number]
  | (typeof servedModelOperations)[number]
  | (typeof templateOperations)[number]
  | (typeof severalOperations)[number]
  | (typeof historyOperations)[number]
  | (typeof streamOperations)[number]
  | (typeof credentialOperations)[number]
  | (typeof peopleOperations)[number]
  | (typeof accountOperations)[number]
  | (typeof accessOperations)[number]
  | (typeof auditOperations)[number]
  | (typeof usageOperations)[number]
