import { grantOperations } from './grant-operations.ts'
import { mappingOperations } from './mapping-operations.ts'
import { requestOperations } from './requests/operations.ts'
import { servicePrincipalOperations } from './service-principals/operations.ts'

export const accessOperations = [
  ...grantOperations,
  ...servicePrincipalOperations,
  ...mappingOperations,
  ...requestOperations,
] as const
