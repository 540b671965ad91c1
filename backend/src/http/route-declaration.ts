import type { Permission, ProblemCode } from '@hub/shared'
import type { ValidationTargets } from 'hono'
import type * as z from 'zod'

/**
 * Who may call a route at all. `public`: anybody. `signed-in`: every person and program; they get what they may see.
 * `person`: no program. `browser-session`: a person by the portal's cookie, and no token. Else whoever holds the
 * permission: in the whole hub, on the `:instance` of the path, or in its `:namespace`. `isFresh` takes a browser session
 * whose sign-in is at most 15 minutes old; a token passes where its rights suffice, unless `takesSession`.
 */
export type Policy =
  | 'public'
  | 'signed-in'
  | 'person'
  | 'browser-session'
  | 'fresh-browser-session'
  | {
      permission: Permission
      scope: 'hub' | 'instance' | 'namespace'
      isFresh?: true
      takesSession?: true
    }

/** The document's chapters, in their order. */
export const tags = {
  Session: 'Signing in; sessions and API tokens of the caller.',
  Instances: 'The registered clusters that the caller may see.',
  Deployments: 'Models on instances.',
  People: 'Who signs in, for administrators.',
  Access: 'Roles, group mappings and what they come to.',
  Credentials: 'How the hub reaches its clusters, for administrators.',
  Audit: 'What was done and refused, and by whom, for administrators.',
  Hub: 'The hub itself.',
} as const

/** A body that is no JSON; `items` is what each event or line of it holds. */
export type OtherBody = { type: string; description: string; items?: z.ZodType }

type Descriptions = Readonly<Record<string, string>>

export type RouteDeclaration = {
  policy: Policy
  /** The verb's name, such as `createGrant`. */
  operationId: string
  tag: keyof typeof tags
  summary: string
  description?: string
  /** By status: the schema of a JSON body, other bodies, or null for none. */
  answers: Readonly<Record<number, z.ZodType | OtherBody | readonly OtherBody[] | null>>
  /** Besides those that follow from the policy and from what the route reads. */
  problems?: readonly ProblemCode[]
  /** What the route reads without `validate`, and what for. */
  reads?: { path?: Descriptions; query?: Descriptions; header?: Descriptions; body?: OtherBody }
}

/** A file of a page: it has a policy, and no place in the API's document. */
export type UnlistedDeclaration = { policy: Policy; isUnlisted: true }

/** What `validate` reads. */
export type RouteInput = { target: keyof ValidationTargets; schema: z.ZodType }
