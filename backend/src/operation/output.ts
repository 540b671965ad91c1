import type * as z from 'zod'
import type { OtherBody } from './declaration.ts'
import type { KeptJson } from './kept-json.ts'

/** JSON that is served as the bytes that memory holds, with an `ETag`. */
export type KeptOutput<Schema extends z.ZodType = z.ZodType> = { kept: Schema }

/** Bytes that come as they are made, in one of several types. `isEndless`: for as long as the caller listens. */
export type StreamOutput = { stream: OtherBody | readonly OtherBody[]; isEndless?: true }

/** JSON, or for who accepts its type a stream of what comes. */
export type EitherOutput<Schema extends z.ZodType = z.ZodType> = { json: Schema; events: OtherBody }

export type Output = z.ZodType | null | KeptOutput | StreamOutput | EitherOutput

/** What a stream is made of. Whoever takes it aborts by `ctx.signal` or by cancelling the body. */
export type ByteStream = {
  /** The media type, with its parameters. */
  type: string
  body: ReadableStream<Uint8Array>
  /** What a browser saves it as. */
  fileName?: string
}

/** What `run` returns for what an operation declares. */
export type Outcome<O extends Output> = O extends z.ZodType
  ? z.output<O> | Created<z.output<O>>
  : O extends KeptOutput<infer Schema>
    ? KeptJson<z.output<Schema>>
    : O extends StreamOutput
      ? ByteStream
      : O extends EitherOutput<infer Schema>
        ? z.output<Schema> | ByteStream
        : void

const createdMark = Symbol('created')

/** A result that is new where it could also have been there before. */
export type Created<T> = { [createdMark]: true; value: T }

export function created<T>(value: T): Created<T> {
  return { [createdMark]: true, value }
}

/** The result itself, and whether it was marked as new. */
export function unwrap<T>(result: T | Created<T>): { value: T; isNew: boolean } {
  const isNew = typeof result === 'object' && result !== null && createdMark in result
  return { value: isNew ? result.value : result, isNew }
}

export function isStream(output: Output): output is StreamOutput {
  return output !== null && 'stream' in output
}

export function isKept(output: Output): output is KeptOutput {
  return output !== null && 'kept' in output
}

export function isEither(output: Output): output is EitherOutput {
  return output !== null && 'events' in output
}

export function isByteStream(result: unknown): result is ByteStream {
  return (
    typeof result === 'object' &&
    result !== null &&
    'body' in result &&
    result.body instanceof ReadableStream
  )
}
