import type { InputRequiredResult } from '@modelcontextprotocol/server'
import { describeActor, type RequestContext } from '#context'
import { asAppError, type AppError } from '#errors'
import type { Report } from '#operation'
import type { AskPerson } from './ask-person.ts'
import type { Calling } from './agent-call.ts'
import { cleanText } from './clean-text.ts'
import { fenceJson } from './fence-text.ts'
import { fieldsName, pickFields, readFields } from './pick-fields.ts'
import { describeWayThere, type Tool } from './tools.ts'
import { readToolOutput, type ToolOutput, type Written } from './tool-output.ts'

/** What a list has where the model does not say how much. */
const listMax = 20

export type Result = {
  content: { type: 'text'; text: string }[]
  structuredContent?: Record<string, unknown>
  _meta?: Record<string, unknown>
  isError?: true
}

type How = Pick<Calling, 'recordDenial'> & {
  countCall: (ctx: RequestContext) => Promise<void>
  report: Report | undefined
  /** Without, what waits for a person's yes is told like any other failure. */
  askPerson?: AskPerson
}

/** Of results whose value is JSON already: that, and the same as it is kept. */
const written = new WeakMap<object, { text: string; kept: Written | undefined }>()

/** A result as JSON in pieces, of which the larger ones may have been written before. */
export function writeResult(result: Result | InputRequiredResult): (string | Uint8Array)[] {
  const known = written.get(result)
  if (known === undefined) return [JSON.stringify(result)]
  const { text } = known
  const { json, quoted } = known.kept ?? { json: text, quoted: JSON.stringify(text) }
  const { _meta, content } = result as Result
  const meta = _meta === undefined ? '' : `,"_meta":${JSON.stringify(_meta)}`
  const blocks = content.flatMap((block, index) => {
    const comma = index === 0 ? '' : ','
    if (block.text !== text) return [`${comma}${JSON.stringify(block)}`]
    return [`${comma}{"type":"text","text":`, quoted, '}']
  })
  return ['{"content":[', ...blocks, '],"structuredContent":', json, `${meta}}`]
}

/** Runs a tool as the caller. What fails is told to the model, in the words that people get. */
export async function callTool(
  ctx: RequestContext,
  tool: Tool,
  given: unknown,
  how: How,
): Promise<Result | InputRequiredResult> {
  const log = (result: 'success' | 'denied' | 'failure') =>
    ctx.log.info({ tool: tool.name }, describeCall(ctx, tool, given, result))
  try {
    await how.countCall(ctx)
    const result = await run(ctx, tool, given, how)
    log('success')
    return result
  } catch (thrown) {
    const error = await how.recordDenial(ctx, asAppError(thrown))
    const { askPerson, ...rest } = how
    const asked = error.confirmation === undefined ? null : await askPerson?.(ctx, error)
    if (asked === 'try-again')
      return callTool(ctx, tool, given, { ...rest, countCall: async () => {} })
    if (asked && 'ask' in asked) return asked.ask
    if (error.code === 'internal') ctx.log.error({ error: thrown }, 'a tool failed')
    log(error.code === 'forbidden' ? 'denied' : 'failure')
    const content = [{ type: 'text' as const, text: asked?.told ?? describeFailure(error) }]
    return { content, isError: true, ...describeAsked(ctx) }
  }
}

async function run(
  ctx: RequestContext,
  { fields: standard, input: { coerce, read, schema }, operation }: Tool,
  given: unknown,
  { report }: How,
): Promise<Result> {
  const { [fieldsName]: named, ...rest } = coerce(given)
  const fields = fieldsName in schema.properties ? readFields(named, standard) : null
  const input = read('limit' in schema.properties ? { limit: listMax, ...rest } : rest)
  const answer = await operation.run(ctx, { ...input, ...(report && { report }) })
  return Object.assign(present(await readToolOutput(operation, answer), fields), describeAsked(ctx))
}

function present(output: ToolOutput, fields: string[][] | null): Result {
  const { structured, text } = output
  if (structured === null) return { content: [{ type: 'text', text }] }
  const picked = fields === null ? null : pickFields(structured(), fields)
  const json = picked === null ? text : JSON.stringify(picked)
  const content = fenceJson(json).map((part) => ({ type: 'text' as const, text: part }))
  let value = picked
  const result: Result = {
    content,
    // Whoever writes JSON that is there already never asks for it.
    get structuredContent() {
      return (value ??= structured())
    },
  }
  written.set(result, { text: json, kept: picked === null ? output.written : undefined })
  return result
}

/** As whom clusters were asked, where that was not as the hub itself. */
function describeAsked({ clusterUsers }: RequestContext): Pick<Result, '_meta'> {
  if (!clusterUsers?.size) return {}
  return { _meta: { 'kubeairunway.ai/cluster-users': Object.fromEntries(clusterUsers) } }
}

function describeFailure({ code, detail, errors = [] }: AppError): string {
  const fields = errors.map(({ detail: said, pointer }) => `${pointer}: ${said}`)
  const way = code === 'forbidden' ? [describeWayThere()] : []
  return cleanText([detail, ...fields.slice(0, 10), ...way].join('\n'))
}

/** The line of what an agent did in somebody's name, as those who collect such lines expect it. */
function describeCall(
  { actor, now, via }: RequestContext,
  { name }: Tool,
  given: unknown,
  result: string,
): string {
  const { namespace } = (given ?? {}) as { namespace?: unknown }
  const where =
    typeof namespace === 'string' && /^[a-z0-9-]{1,63}$/.test(namespace) ? namespace : '-'
  return [
    now().toISOString().slice(0, 19).replace('T', ' '),
    `USER: ${describeActor(actor)}`,
    `ACTION: ${name.replaceAll('_', ' ')}`,
    `NAMESPACE: ${where}`,
    `RESULT: ${result}`,
    `TOKEN_ID: ${via?.tokenId ?? '-'}`,
  ].join(' | ')
}
