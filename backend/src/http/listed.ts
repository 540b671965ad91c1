import type * as z from 'zod'
import {
  canDryRun,
  isEither,
  isKept,
  isStream,
  type BoundOperation,
  type Answers,
  type InputSchemas,
} from '#operation'
import type { Declared } from './door.ts'
import type { BoundPage } from './define-page.ts'

/** What the API's document says of an operation or a page, from what is declared beside it. */
export type Listed = {
  declared: Declared
  inputs: InputSchemas
  /** What else a body may be. */
  otherBody?: z.ZodType
  answers: Answers
}

export function listApi(
  operations: readonly BoundOperation[],
  pages: readonly BoundPage[],
): Listed[] {
  return [
    ...pages.map((page) => ({ declared: page, inputs: {}, answers: page.answers })),
    ...operations.map((operation) => ({
      declared: operation,
      inputs: operation.input,
      ...(operation.otherBody && { otherBody: operation.otherBody.schema }),
      answers: answersOf(operation),
    })),
  ]
}

function answersOf({ http, input, output }: BoundOperation): Answers {
  if (output === null) return { [http.status]: null }
  if (isKept(output)) return { [http.status]: output.kept, 304: null }
  if (isEither(output)) return { [http.status]: [output.json, output.events] }
  if (isStream(output)) return { [http.status]: output.stream }
  return {
    [http.status]: output,
    ...(canDryRun(input) && { 200: output }),
    ...(http.isNewStatus && { [http.isNewStatus]: output }),
  }
}
