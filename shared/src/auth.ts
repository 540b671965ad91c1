import * as z from 'zod'
import { InstanceId, NamespaceName } from './names.ts'
import { Role } from './roles.ts'

export const ProviderId = z.enum(['entra', 'github', 'oidc'])
export type ProviderId = z.infer<typeof ProviderId>

/** An enabled identity provider, as the sign-in page shows it. */
export const Provider = z.object({ id: ProviderId, name: z.string() })
export type Provider = z.infer<typeof Provider>

export const ProviderList = z.object({ items: z.array(Provider) })
export type ProviderList = z.infer<typeof ProviderList>

export const GrantSource = z.enum(['manual', 'group', 'request', 'config'])
export type GrantSource = z.infer<typeof GrantSource>

/** A role on one instance or all (`instanceId` null), in some namespaces or all (`namespaces` null). */
export const Grant = z.object({
  id: z.string(),
  role: Role,
  instanceId: InstanceId.nullable(),
  namespaces: z.array(NamespaceName).nullable(),
  source: GrantSource,
  endsAt: z.iso.datetime().nullable(),
})
export type Grant = z.infer<typeof Grant>

/** Who is signed in. `principal` is what an administrator needs to grant access: `oidc:<sub>`. */
export const Me = z.object({
  principal: z.string(),
  displayName: z.string(),
  email: z.string().nullable(),
  provider: z.string(),
  grants: z.array(Grant),
  abilities: z.object({ administer: z.boolean() }),
})
export type Me = z.infer<typeof Me>
