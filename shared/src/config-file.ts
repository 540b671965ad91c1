import * as z from 'zod'
import { ConfigGrantInput, GroupMappingInput } from './access.ts'
import { InstanceId } from './names.ts'
import { OidcProfileInput } from './oidc.ts'
import { OutsideProviderInput } from './outside-providers.ts'
import { InstancePolicyInput, TemplateInput } from './policies.ts'

const entriesMax = 1000
/** All are asked at once for what models they have. */
const providersMax = 100

/** What HUB_CONFIG_FILE holds. */
export const ConfigFile = z.strictObject({
  groupMappings: z.array(GroupMappingInput).max(entriesMax).nullish(),
  grants: z.array(ConfigGrantInput).max(entriesMax).nullish(),
  policies: z
    .array(z.strictObject({ instance: InstanceId, ...InstancePolicyInput.shape }))
    .max(entriesMax)
    .nullish(),
  templates: z.array(TemplateInput).max(entriesMax).nullish(),
  oidcProfiles: z
    .array(z.strictObject({ instance: InstanceId, ...OidcProfileInput.shape }))
    .max(entriesMax)
    .nullish(),
  providers: z.array(OutsideProviderInput).max(providersMax).nullish(),
})
export type ConfigFile = z.infer<typeof ConfigFile>
