import type { ProblemCode } from '@hub/shared'
import type * as z from 'zod'
import type { LimitName } from './limits.ts'
import type { Policy } from './policy.ts'

/** The document's chapters, in their order. */
export const tags = {
  Session: 'Signing in; sessions and API tokens of the caller.',
  Instances: 'The registered clusters that the caller can see.',
  Deployments: 'Models on instances.',
  Models:
    'Calling running models, and providers outside, in the protocols of OpenAI and Anthropic.',
  Usage: 'Who used which models, and how much.',
  Fleet: 'What the caller can see of all instances together.',
  People: 'Who signs in, for administrators.',
  Access: 'Roles, group mappings and what they come to.',
  Credentials: 'How the hub reaches its clusters, for administrators.',
  Audit: 'What was done and refused, and by whom, for administrators.',
  Hub: 'The hub itself.',
} as const

/** A body that is no JSON; `items` is what each event or line of it holds. */
export type OtherBody = { type: string; description: string; items?: z.ZodType }

/** By status: the schema of a JSON body, other bodies, several of either, or null for none. */
export type Answers = Readonly<
  Record<number, z.ZodType | OtherBody | readonly (z.ZodType | OtherBody)[] | null>
>

/** Names and what they are for. */
export type Descriptions = Readonly<Record<string, string>>

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'

/** The parts of what is sent, each with its schema. */
export type InputSchemas = {
  path?: z.ZodObject
  query?: z.ZodType
  header?: z.ZodObject
  body?: z.ZodType
}

/** What every door must know of an operation before it calls it, whoever calls and by whatever protocol. */
export type Declaration = {
  /** The verb's name, such as `createGrant`; the `operationId` of the API's document. */
  id: string
  tag: keyof typeof tags
  /** A few words for people and for models. */
  summary: string
  description?: string
  policy: Policy
  /** `write` changes something, `destructive` takes something away for good. Other sites may send neither. */
  effect: 'read' | 'write' | 'destructive'
  /** Besides those that follow from the policy and from the input. */
  problems?: readonly ProblemCode[]
  /** A limit of its own besides the general one, by address. */
  limit?: LimitName
  /** What a call says of the person behind a browser session: `background` and `refresh` are no use of it. */
  use?: 'background' | 'refresh'
  /**
   * What an `Idempotency-Key` (in its input `IdempotencyHeader`) makes of a request that is sent again: the `answer` of
   * before, or the `rest` of what is not done, for which it runs again.
   */
  repeats?: 'answer' | 'rest'
  /** Also for who may use models and nothing else: tokens of that kind, and people of an issuer who never signed in here. */
  isForModels?: true
  /** Whoever reads it goes on to read more, and follows the stream from where it stood then: `Stream-Position` says where. */
  tellsPosition?: true
  /** In local mode too it answers before anybody is known. */
  isOpenLocally?: true
  http: { method: Method; path: string }
}
