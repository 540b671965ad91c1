import { describeActor, type RequestContext } from '#context'
import { asAppError, type AppError } from '#errors'
import type { Logger } from '#log'
import type { Report } from '#operation'
import type { AskPerson } from './ask-person.ts'
import type { Calling } from './agent-call.ts'
import { cleanText } from './clean-text.ts'
import { fieldsName, readFields } from './pick-fields.ts'
import { presentText, readToolOutput, type ToolOutput } from './tool-output.ts'
import type { Answer } from './tool-result.ts'
import { describeWayThere, type Tool } from './tools.ts'

/** What a list has where the model does not say how much. */
const listMax = 20

type How = Pick<Calling, 'recordDenial'> & {
  log: Logger
  countCall: (ctx: RequestContext) => Promise<void>
  report: Report | undefined
  /** Without, what waits for a person's yes is told like any other failure. */
  askPerson?: AskPerson
}

/** Runs a tool as the caller. What fails is told to the model, in the words that people get. */
export async function callTool(
  ctx: RequestContext,
  tool: Tool,
  given: unknown,
  how: How,
): Promise<Answer> {
  const log = (result: 'success' | 'denied' | 'failure') => {
    // The request's own is made when it is first written to.
    if (!how.log.isLevelEnabled('info')) return
    ctx.log.info({ tool: tool.name }, describeCall(ctx, tool, given, result))
  }
  try {
    await how.countCall(ctx)
    const output = await run(ctx, tool, given, how)
    log('success')
    return { output, ...describeAsked(ctx) }
  } catch (thrown) {
    const error = await how.recordDenial(ctx, asAppError(thrown))
    const { askPerson, ...rest } = how
    const asked = error.confirmation === undefined ? null : await askPerson?.(ctx, error)
    if (asked === 'try-again')
      return callTool(ctx, tool, given, { ...rest, countCall: async () => {} })
    if (asked && 'ask' in asked) return asked
    if (error.code === 'internal') ctx.log.error({ error: thrown }, 'a tool failed')
    log(error.code === 'forbidden' ? 'denied' : 'failure')
    const output = presentText(asked?.told ?? describeFailure(ctx, error))
    return { output, isError: true, ...describeAsked(ctx) }
  }
}

async function run(
  ctx: RequestContext,
  { fields: standard, input: { coerce, read, schema }, operation }: Tool,
  given: unknown,
  { report }: How,
): Promise<ToolOutput> {
  const { [fieldsName]: named, ...rest } = coerce(given)
  const fields = fieldsName in schema.properties ? readFields(named, standard) : null
  const input = read('limit' in schema.properties ? { limit: listMax, ...rest } : rest)
  const answer = await operation.run(ctx, { ...input, ...(report && { report }) })
  return readToolOutput(operation, answer, fields)
}

/** As whom clusters were asked, where that was not as the hub itself. */
function describeAsked({ clusterUsers }: RequestContext): { meta?: Record<string, unknown> } {
  if (!clusterUsers?.size) return {}
  return { meta: { 'kubeairunway.ai/cluster-users': Object.fromEntries(clusterUsers) } }
}

function describeFailure(
  ctx: RequestContext,
  { code, denial, detail, errors = [] }: AppError,
): string {
  const fields = errors.map(({ detail: said, pointer }) => `${pointer}: ${said}`)
  const way = code === 'forbidden' ? [describeWayThere(ctx, denial)] : []
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
