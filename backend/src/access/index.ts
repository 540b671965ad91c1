export { grantsOf } from './grants.ts'
