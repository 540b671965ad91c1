export { grantedNamespaces, grantsOf } from './grants.ts'
