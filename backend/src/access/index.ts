export { grantedNamespaces, readGrants } from './grants.ts'
