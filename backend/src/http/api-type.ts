import type { Hono } from 'hono'
import type * as z from 'zod'
import type { Answers, EitherOutput, InputSchemas, KeptOutput, Method, Output } from '#operation'
import type { HubEnv } from './hub-env.ts'

/** What adds no name to what is sent. */
type Nothing = object

type AnyEndpoint = { http: { method: Method; path: string } }

/** What is sent in an address is text. */
type InAddress<T> = {
  [Name in keyof T]: T[Name] extends string | undefined ? T[Name] : string | undefined
}

type SentOf<Parts> = Parts extends InputSchemas
  ? (Parts['path'] extends z.ZodType
      ? { param: { [Name in keyof z.input<Parts['path']>]: string } }
      : Nothing) &
      (Parts['query'] extends z.ZodType ? { query: InAddress<z.input<Parts['query']>> } : Nothing) &
      (Parts['body'] extends z.ZodType ? { json: z.input<Parts['body']> } : Nothing)
  : Nothing

/** `{provider}` of `/login/:provider`, where no schema says it. */
type ParamsIn<Path extends string> = Path extends `${string}/:${infer Name}/${infer Rest}`
  ? Record<Name, string> & ParamsIn<`/${Rest}`>
  : Path extends `${string}/:${infer Name}`
    ? Record<Name, string>
    : Nothing

type AnsweredBy<O extends Output> = O extends z.ZodType
  ? z.output<O>
  : O extends KeptOutput<infer Schema>
    ? z.output<Schema>
    : O extends EitherOutput<infer Schema>
      ? z.output<Schema>
      : null

type EndpointOf<Each> = Each extends {
  input: infer Parts
  output: infer O extends Output
  http: { status: infer Status }
}
  ? {
      input: SentOf<Parts>
      output: AnsweredBy<O>
      outputFormat: O extends z.ZodType | KeptOutput | EitherOutput ? 'json' : 'body'
      status: Status
    }
  : Each extends { answers: infer A extends Answers; http: { path: infer Path extends string } }
    ? {
        input: Path extends `${string}/:${string}` ? { param: ParamsIn<Path> } : Nothing
        output: A[200] extends z.ZodType ? z.output<A[200]> : null
        outputFormat: A[200] extends z.ZodType ? 'json' : 'body'
        status: 200
      }
    : never

type RouteOf<Each extends AnyEndpoint> = Each extends AnyEndpoint
  ? (
      route: Record<Each['http']['path'], Record<`$${Each['http']['method']}`, EndpointOf<Each>>>,
    ) => void
  : never

type Together<Each extends AnyEndpoint> =
  RouteOf<Each> extends (all: infer All) => void ? { [Path in keyof All]: All[Path] } : never

/** As hono's client is typed by: every operation and page of the union, by path and method. */
export type ApiOf<Each extends AnyEndpoint> = Hono<HubEnv, Together<Each>>
