import * as z from 'zod'
import { IdText, LineText } from './text.ts'

export const UserId = z.uuid()
export type UserId = z.infer<typeof UserId>

/** One way in: who a provider says it is. (provider, issuer, subject) never changes; the rest is for display. */
export const UserIdentity = z.object({
  id: z.string(),
  provider: z.string(),
  issuer: z.string(),
  subject: z.string(),
  principal: z.string(),
  email: z.string().nullable(),
  createdAt: z.iso.datetime(),
  lastSignInAt: z.iso.datetime(),
  /** Why nobody is let in by it now, though they were once; null where it counts. */
  fault: z.string().nullable(),
  /** What the provider said of the person's groups. */
  groups: z.object({
    /** `stale`: kept from before, the last look-up failed. `unknown`: it never said. */
    state: z.enum(['fresh', 'stale', 'unknown']),
    /** When it last said all of them. */
    syncedAt: z.iso.datetime().nullable(),
    /** How many entries of its answer named no group and were left out. */
    dropped: z.int(),
    /** Whether the hub can ask without the person. */
    isRefreshable: z.boolean(),
  }),
})
export type UserIdentity = z.infer<typeof UserIdentity>

export const User = z.object({
  id: UserId,
  displayName: z.string(),
  email: z.string().nullable(),
  /** Since when the person cannot come in; null for everybody who can. */
  disabledAt: z.iso.datetime().nullable(),
  createdAt: z.iso.datetime(),
  lastSignInAt: z.iso.datetime(),
  identities: z.array(UserIdentity),
  isAdministrator: z.boolean(),
})
export type User = z.infer<typeof User>

/** A page in the order of names; `total` counts everybody who matches, `next` is the cursor of the page after it. */
export const UserList = z.object({
  items: z.array(User),
  total: z.int(),
  next: z.string().nullable(),
})
export type UserList = z.infer<typeof UserList>

export const UsersQuery = z.strictObject({
  /** Part of a name, an e-mail address or a principal. */
  q: LineText.min(1).max(200).optional(),
  status: z.enum(['enabled', 'disabled']).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: IdText.max(1000).optional(),
})
export type UsersQuery = z.infer<typeof UsersQuery>

/** Which identity to move here. */
export const LinkIdentityInput = z.strictObject({ identityId: z.uuid() })
export type LinkIdentityInput = z.infer<typeof LinkIdentityInput>
