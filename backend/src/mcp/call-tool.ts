import { describeActor, type RequestContext } from '#context'
import { asAppError, type AppError } from '#errors'
import type { Report } from '#operation'
import type { Calling } from './agent-call.ts'
import { cleanText } from './clean-text.ts'
import { fieldsName, pickFields, readFields } from './pick-fields.ts'
import { describeWayThere, type Tool } from './tools.ts'
import { readToolOutput, type ToolOutput } from './tool-output.ts'

/** What a list has where the model does not say how much. */
const listMax = 20

type Result = {
  content: { type: 'text'; text: string }[]
  structuredContent?: Record<string, unknown>
  _meta?: Record<string, unknown>
  isError?: true
}

/** Runs a tool as the caller. What fails is told to the model, in the words that people get. */
export async function callTool(
  ctx: RequestContext,
  tool: Tool,
  given: unknown,
  { recordDenial, report }: Pick<Calling, 'recordDenial'> & { report: Report | undefined },
): Promise<Result> {
  const log = (result: 'success' | 'denied' | 'failure') =>
    ctx.log.info({ tool: tool.name }, describeCall(ctx, tool, given, result))
  try {
    const { properties } = tool.input.schema
    const { [fieldsName]: named, ...rest } = tool.input.coerce(given)
    const fields = fieldsName in properties ? readFields(named, tool.fields) : null
    const input = tool.input.read('limit' in properties ? { limit: listMax, ...rest } : rest)
    const answer = await tool.operation.run(ctx, { ...input, ...(report && { report }) })
    const output = await readToolOutput(tool.operation, answer)
    log('success')
    return { ...present(output, fields), ...describeAsked(ctx) }
  } catch (thrown) {
    const error = await recordDenial(ctx, asAppError(thrown))
    if (error.code === 'internal') ctx.log.error({ error: thrown }, 'a tool failed')
    log(error.code === 'forbidden' ? 'denied' : 'failure')
    const content = [{ type: 'text' as const, text: describeFailure(error) }]
    return { content, isError: true, ...describeAsked(ctx) }
  }
}

function present({ structured, text }: ToolOutput, fields: string[][] | null): Result {
  if (structured === null) return { content: [{ type: 'text', text }] }
  if (fields === null) return { content: [{ type: 'text', text }], structuredContent: structured }
  const picked = pickFields(structured, fields)
  return { content: [{ type: 'text', text: JSON.stringify(picked) }], structuredContent: picked }
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
