export {
  hasAdministrator,
  hasOtherAdministrator,
  isAdministrator,
  isLastingAdministrator,
  readAdministrators,
} from './administrators.ts'
export { createConfigFileJobs } from './config-file-jobs.ts'
export { createConfigured, describeFileOnly, type Configured } from './configured.ts'
export { createFindNames, type FindNames } from './find-names.ts'
export type { AccessDeps, AdministratorDeps } from './deps.ts'
export { createGrantEndsJob } from './end-grants.ts'
export { createGrantedNamespaces } from './granted-namespaces.ts'
export { readGrants } from './grants.ts'
export { findTeam } from './find-team.ts'
export { findTeamNames } from './find-team-names.ts'
export { moveAccess } from './move-access.ts'
export { reconcileGroups } from './reconcile-groups.ts'
export {
  findServicePrincipal,
  insertServicePrincipal,
  touchServicePrincipal,
  type ServicePrincipalRow,
} from './service-principals/store.ts'
export { insertGrant } from './store.ts'
export { accessOperations } from './operations.ts'
