import * as z from 'zod'
import { ProblemCode } from './problem.ts'

const textMax = 500_000
const Message = z.strictObject({
  role: z.enum(['system', 'user', 'assistant']),
  content: z.string().max(textMax),
})
export type ChatMessage = z.infer<typeof Message>

/**
 * What a model is asked: `messages`, or for a base model a `prompt` that it goes on with. The parameters are OpenAI's; what
 * is left out is as the model's server has it.
 */
export const ChatInput = z
  .strictObject({
    messages: z.array(Message).min(1).max(500).optional(),
    prompt: z.string().min(1).max(textMax).optional(),
    temperature: z.number().min(0).max(2).optional(),
    top_p: z.number().gt(0).max(1).optional(),
    max_tokens: z.int().min(1).max(1_000_000).optional(),
    stop: z.array(z.string().min(1).max(200)).min(1).max(4).optional(),
    seed: z.int().optional(),
  })
  .refine(({ messages, prompt }) => (messages === undefined) !== (prompt === undefined), {
    path: ['messages'],
    error: 'or prompt is required, and not both',
  })
export type ChatInput = z.infer<typeof ChatInput>

const ChatUsage = z.object({
  promptTokens: z.int().nullable(),
  completionTokens: z.int().nullable(),
  firstTokenMs: z.number().nullable(),
  totalMs: z.number(),
  tokensPerSecond: z.number().nullable(),
})

/** A whole answer, without what the model thought before it. `isCut` where it was longer than is kept of one. */
export const ChatAnswer = z.object({
  text: z.string(),
  isCut: z.boolean(),
  finishReason: z.string().nullable(),
  usage: ChatUsage,
})
export type ChatAnswer = z.infer<typeof ChatAnswer>

/**
 * What a chat's stream sends: the event's name is `type`, its data the JSON of the rest. `delta` is a piece of the answer,
 * `reasoning` one of what the model thinks before it. It ends with `usage`, or with `error` and what was answered up to
 * then stands. Times are as the hub measured them; tokens are null where the model did not count them.
 */
export const ChatEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('delta'), text: z.string() }),
  z.object({ type: z.literal('reasoning'), text: z.string() }),
  z.object({ type: z.literal('finish'), reason: z.string() }),
  ChatUsage.extend({ type: z.literal('usage') }),
  z.object({ type: z.literal('error'), code: ProblemCode, detail: z.string() }),
])
export type ChatEvent = z.infer<typeof ChatEvent>
