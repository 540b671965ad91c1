import * as z from 'zod'
import { InstanceId, NamespaceName } from './names.ts'
import { Role } from './roles.ts'
import { providerIds } from './sets.ts'
import { LineText } from './text.ts'

export const ProviderId = z.enum(providerIds)
export type ProviderId = z.infer<typeof ProviderId>

/** An enabled identity provider, as the sign-in page shows it. */
export const Provider = z.object({ id: ProviderId, name: z.string() })
export type Provider = z.infer<typeof Provider>

/**
 * `isLocal`: the hub runs in local mode, where the address that it printed lets in and nobody signs in. `agentIssuer` is
 * where agents' clients sign people in, null where they come with API tokens.
 */
export const ProviderList = z.object({
  items: z.array(Provider),
  isLocal: z.boolean(),
  agentIssuer: z.string().nullable(),
})
export type ProviderList = z.infer<typeof ProviderList>

export const GrantSource = z.enum(['manual', 'group', 'request', 'config'])
export type GrantSource = z.infer<typeof GrantSource>

/** How much may be used by a grant; without a number, as much as they like. */
export const GrantLimits = z.strictObject({
  requestsPerMinute: z.int().min(1).max(1_000_000).optional(),
  /** Of a day in UTC: those of the prompts and those of the answers. */
  tokensPerDay: z.int().min(1).max(1_000_000_000_000).optional(),
  /** Of all that its holder deployed where it holds. */
  gpusAtOnce: z.int().min(1).max(1_000_000).optional(),
})
export type GrantLimits = z.infer<typeof GrantLimits>

/** A role on one instance or all (`instanceId` null), in some namespaces or all (`namespaces` null). */
export const Grant = z.object({
  id: z.string(),
  role: Role,
  instanceId: InstanceId.nullable(),
  namespaces: z.array(NamespaceName).nullable(),
  source: GrantSource,
  endsAt: z.iso.datetime().nullable(),
  /** Left out where there is none. */
  limits: GrantLimits.optional(),
  /** Of a token that calls models alone: it gives this, and nothing else that its role would. */
  only: z.literal('deployment.chat').optional(),
  /** The group whose mapping gave it: `<provider>:<group id>`. Left out for every other source. */
  team: z.string().optional(),
})
export type Grant = z.infer<typeof Grant>

/** Who is signed in. `principal` is what an administrator needs to grant access: `oidc:<sub>`. */
export const Me = z.object({
  principal: z.string(),
  displayName: z.string(),
  email: z.string().nullable(),
  provider: z.string(),
  grants: z.array(Grant),
  /** Since when the person has proved who they are; null for anything but a browser session. */
  authenticatedAt: z.iso.datetime().nullable(),
  /** Nobody administers this hub yet: whoever has the setup code of its log can. */
  awaitsSetup: z.boolean(),
  abilities: z.object({ administer: z.boolean() }),
})
export type Me = z.infer<typeof Me>

/** Who asks, a person or a program, and what they hold with what they showed. */
export const KnownCaller = Me.pick({ principal: true, displayName: true, grants: true }).extend({
  type: z.enum(['person', 'program']),
})
export type KnownCaller = z.infer<typeof KnownCaller>

/** A browser session of the caller; its id opens nothing. */
export const Session = z.object({
  id: z.string(),
  /** The one this was asked with. */
  isCurrent: z.boolean(),
  provider: z.string(),
  ip: z.string().nullable(),
  userAgent: z.string().nullable(),
  createdAt: z.iso.datetime(),
  lastSeenAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
})
export type Session = z.infer<typeof Session>

export const SessionList = z.object({ items: z.array(Session) })
export type SessionList = z.infer<typeof SessionList>

/** What to do after signing out here: where the provider ends its own session, or null. */
export const SignedOut = z.object({ redirectTo: z.url().nullable() })
export type SignedOut = z.infer<typeof SignedOut>

/** How long the session lasts from now on if nothing more is asked with it, in seconds. */
export const RefreshedSession = z.object({ expiresIn: z.int() })
export type RefreshedSession = z.infer<typeof RefreshedSession>

export const apiTokenDaysMax = 90

/** What a token may use up, beside what its role lets it do; null for any amount. */
export const TokenBudget = z.strictObject({
  /** Of a day in UTC, by whichever door. */
  callsPerDay: z.int().min(1).max(1_000_000).nullable().default(null),
  /** That deployments hold which it created, and how many more where it changed others. */
  gpus: z.int().min(0).max(10_000).nullable().default(null),
})
export type TokenBudget = z.infer<typeof TokenBudget>

/** An API token without its secret, which is shown once. */
export const ApiToken = z.object({
  id: z.string(),
  name: z.string(),
  /** It never does more than this role, whatever its owner may. */
  roleCeiling: Role,
  /** The instances it is good for; null for all its owner's. */
  instanceIds: z.array(InstanceId).nullable(),
  /** It calls models, by whatever role its owner may, and does nothing else. */
  isUseOnly: z.boolean(),
  budget: TokenBudget,
  /** Of its budget, where it has one. */
  used: z.object({ callsToday: z.int(), gpus: z.int() }).nullable(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime().nullable(),
})
export type ApiToken = z.infer<typeof ApiToken>

export const ApiTokenList = z.object({ items: z.array(ApiToken) })
export type ApiTokenList = z.infer<typeof ApiTokenList>

export const CreateApiToken = z.strictObject({
  name: LineText.min(1).max(100),
  roleCeiling: Role,
  instanceIds: z.array(InstanceId).min(1).max(100).nullable().default(null),
  isUseOnly: z.boolean().default(false),
  budget: TokenBudget.default({ callsPerDay: null, gpus: null }),
  expiresInDays: z.int().min(1).max(apiTokenDaysMax),
})
export type CreateApiToken = z.input<typeof CreateApiToken>

/** `secret` is `hubpat_<id>_<secret>`, and nowhere else again. */
export const CreatedApiToken = z.object({ token: ApiToken, secret: z.string() })
export type CreatedApiToken = z.infer<typeof CreatedApiToken>

/** The one-time setup code of the hub's log, which makes the first administrator. */
export const Setup = z.strictObject({ code: LineText.min(1).max(100) })
export type Setup = z.infer<typeof Setup>
