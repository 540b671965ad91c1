export { bindOperations, type BoundOperation } from './bind-operations.ts'
export { readCursor, writeCursor } from './cursor.ts'
export {
  tags,
  type Answers,
  type Declaration,
  type Descriptions,
  type InputSchemas,
  type Method,
  type OtherBody,
} from './declaration.ts'
export {
  canDryRun,
  defineOperation,
  DryRun,
  type AgentResource,
  type AnyOperation,
  type Input,
  type Operation,
  type OtherInput,
  type Report,
} from './define-operation.ts'
export { IdempotencyHeader } from './idempotency/key.ts'
export { createKeys, type Keys } from './idempotency/keys.ts'
export type { Repeat } from './idempotency/repeat.ts'
export { runOnce } from './idempotency/run-once.ts'
export { deleteExpiredKeys } from './idempotency/store.ts'
export { limitPlaces } from './limit-places.ts'
export { readLimits, type LimitName } from './limits.ts'
export type { DepsOf } from './deps-of.ts'
export { encodings, keepJson, type Encoding, type KeptJson } from './kept-json.ts'
export {
  created,
  isByteStream,
  isEither,
  isKept,
  isStream,
  unwrap,
  type ByteStream,
  type Created,
  type EitherOutput,
  type KeptOutput,
  type Outcome,
  type Output,
  type StreamOutput,
} from './output.ts'
export type { Policy } from './policy.ts'
