export { hasAdministrator, isAdministrator } from './administrators.ts'
export { configuredGrants, grantedNamespaces, readGrants } from './grants.ts'
export { insertGrant } from './store.ts'
