import { commands } from './commands/commands.ts'
import { exitCodes, Failure, messageOf } from './failure.ts'
import { commonFlags } from './flags/known-flags.ts'
import type { Environment } from './flags/options.ts'
import { parseFlags } from './flags/parse-flags.ts'
import { createLog } from './log.ts'

/** Runs one command; resolves with what the program ends with. */
export async function run(call: {
  args: readonly string[]
  env: Environment
  program: string
  print(text: string): void
}): Promise<number> {
  const { env, print, program } = call
  const [name = '--help', ...args] = readCall(call.args)
  const log = createLog(readLevel(args))
  try {
    if (name === '--help' || name === '-h' || name === 'help') {
      print((await import('./commands/help.ts')).renderHelp(program))
      return 0
    }
    const command = Object.hasOwn(commands, name === '--version' ? 'version' : name)
      ? commands[name === '--version' ? 'version' : name]
      : undefined
    if (!command) {
      throw new Failure('usage', describeUnknown(name, program))
    }
    const values = parseFlags(args, { ...command.flags, ...commonFlags })
    if (values.isOn('help')) {
      print((await import('./commands/help.ts')).renderCommandHelp(program, name))
      return 0
    }
    const work = await command.load()
    await work({ env, log, print, program, values })
    return 0
  } catch (error) {
    if (error instanceof Failure) {
      log.say(`error: ${error.message}`)
      if (error.cause !== undefined) log.debug(`because of ${messageOf(error.cause)}`)
      return exitCodes[error.reason]
    }
    log.say(`error: ${messageOf(error)}`)
    if (error instanceof Error && error.stack) log.debug(error.stack)
    return exitCodes.internal
  }
}

/** `help COMMAND` is `COMMAND --help`. */
function readCall(args: readonly string[]): readonly string[] {
  const [name, command] = args
  return name === 'help' && command !== undefined ? [command, '--help'] : args
}

function describeUnknown(name: string, program: string): string {
  if (name.startsWith('-')) {
    return `A command comes first, as in "${program} get-token ${name} …". Writing tokens into a kubeconfig, as kubelogin does without a command, is not supported.`
  }
  return `There is no command "${name}": ${Object.keys(commands).join(', ')}.`
}

/** Before the flags are read: their mistakes are explained too. */
function readLevel(args: readonly string[]): number {
  const at = args.findLastIndex((arg) => /^(-v|--v)(=|\d|$)/.test(arg))
  if (at < 0) return 0
  return Number(/\d+$/.exec(args[at]!)?.[0] ?? args[at + 1] ?? 0) || 0
}
