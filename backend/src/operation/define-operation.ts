import * as z from 'zod'
import type { RequestContext } from '#context'
import type { Declaration, InputSchemas, Method } from './declaration.ts'
import type { Repeat } from './idempotency/repeat.ts'
import type { Outcome, Output } from './output.ts'

type Parsed<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined

/** What `run` is given: each part as its schema reads it. */
export type Input<Parts extends InputSchemas> = {
  path: Parsed<Parts['path']>
  query: Parsed<Parts['query']>
  header: Parsed<Parts['header']>
  body: Parsed<Parts['body']>
  /** Of an operation that `repeats`, where a key came with the request. */
  repeat?: Repeat
  /** Where there are `events` as well: whether the caller wants these. */
  wantsEvents?: boolean
  /** Where the caller wants to hear how far it is. */
  report?: Report
}

/** How far something is that takes long: `progress` grows up to `total`, `message` is for people. */
export type Report = (told: { progress: number; total: number; message: string }) => void

/**
 * How agents' tools offer an operation (`verb_noun`, and what a model has to know), or why they do not. `without` are
 * properties of its input that agents do not get.
 */
type Tool =
  | {
      name: string
      description: string
      without?: readonly string[]
      /** Of each item of a list, what is answered where nothing else is asked for. */
      fields?: readonly string[]
      resource?: AgentResource
    }
  | { none: string }

/** What it answers, as something to read at an address of its own. */
export type AgentResource = {
  /** A template (RFC 6570, level 1) that names the parameters of its path. */
  uri: `hub://${string}`
  mimeType: string
  /** Of what it answers, the part that is text already. */
  text?: string
}

/**
 * A verb with everything that a door must know of it. Doors find it in a list, read what it declares, call `run`, and map
 * the result or the `AppError`; none of them decides by a path. `run` authorizes by itself.
 */
export type Operation<
  M extends Method = Method,
  Path extends string = string,
  Status extends number = number,
  Parts extends InputSchemas = InputSchemas,
  O extends Output = Output,
  Deps = never,
> = Omit<Declaration, 'http'> & {
  /** Parts that are not sent are left out. */
  input: Parts
  otherBody?: OtherInput
  /** The `version` of what it answers is its `ETag`, for `If-Match`. */
  hasVersion?: true
  output: O
  /** `status` where it succeeds; `isNewStatus` where it answers `created(…)`. */
  http: { method: M; path: Path; status: Status; isNewStatus?: 201 }
  tool: Tool
  run(ctx: RequestContext, deps: Deps, input: Input<Parts>): Outcome<O> | Promise<Outcome<O>>
}

/** What else a body may be than what the operation's own schema says, in JSON or YAML. */
export type OtherInput = {
  /** For the API's document. */
  schema: z.ZodType
  is(sent: unknown): boolean
  /** What it comes to for the operation's own schema; `path` are the parameters of the address. */
  read(sent: unknown, path: Record<string, string>): unknown
  /** Where in it is what the operation has at this JSON pointer. */
  toPointer(pointer: string): string
}

/** Whatever it takes and answers. */
export type AnyOperation = Operation

const noParts = {} as const

/**
 * The `dryRun` of a query, as Kubernetes spells it: with `All` the operation says what would be, changes nothing, and its
 * status is 200.
 */
export const DryRun = z.literal('All', 'must be All, or be left out').optional()

export function canDryRun({ query }: InputSchemas): boolean {
  return query instanceof z.ZodObject && query.shape['dryRun'] === DryRun
}

export function defineOperation<
  const M extends Method,
  const Path extends string,
  const Status extends number,
  O extends Output,
  Deps,
  Parts extends InputSchemas = typeof noParts,
>(
  operation: Omit<Operation<M, Path, Status, Parts, O, Deps>, 'input'> & { input?: Parts },
): Operation<M, Path, Status, Parts, O, Deps> {
  return { ...operation, input: operation.input ?? (noParts as Parts) }
}
