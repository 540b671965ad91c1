import { accessVariables } from './variables/access.ts'
import { clusterVariables } from './variables/clusters.ts'
import { databaseVariables } from './variables/database.ts'
import { gatewayVariables, mcpVariables, outsideVariables } from './variables/gateway.ts'
import { localVariables } from './variables/local.ts'
import { modeVariables } from './variables/mode.ts'
import { serverVariables } from './variables/server.ts'
import { sessionVariables } from './variables/sessions.ts'
import {
  entraVariables,
  githubVariables,
  issuerVariables,
  oidcVariables,
  signInVariables,
} from './variables/sign-in.ts'
import type { Variables } from './variable.ts'

/** Every variable the hub reads, in the order of `docs/configuration.md`. */
export const variables: Variables = {
  ...modeVariables,
  ...localVariables,
  ...serverVariables,
  ...databaseVariables,
  ...sessionVariables,
  ...signInVariables,
  ...entraVariables,
  ...githubVariables,
  ...oidcVariables,
  ...issuerVariables,
  ...gatewayVariables,
  ...mcpVariables,
  ...outsideVariables,
  ...accessVariables,
  ...clusterVariables,
}
