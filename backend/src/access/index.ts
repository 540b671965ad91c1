export { grantedNamespaces, readGrants, type Grantee } from './grants.ts'
