import type { Values } from '../flags/flag.ts'
import type { Environment } from '../flags/options.ts'
import type { Log } from '../log.ts'

export type CommandContext = {
  values: Values
  env: Environment
  log: Log
  /** To stdout. */
  print(text: string): void
  /** As the person calls this program. */
  program: string
}
export type Command = (context: CommandContext) => Promise<void>
