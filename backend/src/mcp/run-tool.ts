import type { RequestContext } from '#context'
import { readToolOutput } from './tool-output.ts'
import type { Tool } from './tools.ts'

/** What a tool that answers JSON answers to the caller, as its operation's output says. Throws `AppError`. */
export type RunTool = (
  ctx: RequestContext,
  name: string,
  given: Record<string, unknown>,
) => Promise<unknown>

export function createRunTool(tools: ReadonlyMap<string, Tool>): RunTool {
  return async (ctx, name, given) => {
    const tool = tools.get(name)
    if (!tool) throw new TypeError(`no tool "${name}"`)
    const output = await tool.operation.run(ctx, tool.input.read(given))
    return (await readToolOutput(tool.operation, output)).structured?.() ?? null
  }
}
