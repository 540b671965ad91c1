import { knownPrograms, type ExecRules } from './exec-programs.ts'
import { isRecord } from './objects.ts'
import { Refusal, serviceAccountFix } from './refusal.ts'

/** A program that prints the credential (client.authentication.k8s.io), as the kubeconfig asks to run it. */
export type ExecPlugin = {
  command: string
  args: string[]
  env: Record<string, string>
  apiVersion: ExecApiVersion
  provideClusterInfo: boolean
}

const execApiVersions = [
  'client.authentication.k8s.io/v1',
  'client.authentication.k8s.io/v1beta1',
] as const
type ExecApiVersion = (typeof execApiVersions)[number]

/** By absolute path, the programs that may be run, with what each may be given besides what is known of it. */
export type ExecPlugins = ReadonlyMap<string, ExecRules>

const listMax = 100
const textLengthMax = 4096

/**
 * Reads an `exec` entry (client.authentication.k8s.io). Whoever supplies a kubeconfig decides what is said to the program,
 * so each argument and variable has to be allowed for it. `any` allows what kubectl would. Throws Refusal.
 */
export function judgeExecPlugin(
  exec: unknown,
  execPlugins: ExecPlugins | 'any' | undefined,
  programFolders: readonly string[] = [],
): ExecPlugin | null {
  if (exec === undefined || exec === null || exec === '') return null
  if (!isRecord(exec) || typeof exec.command !== 'string' || exec.command === '') {
    throw new Refusal('The user\'s "exec" names no command.', serviceAccountFix)
  }
  const command = findCommand(exec.command, execPlugins, programFolders)
  if (command === null) {
    const hasOthers = execPlugins !== undefined && execPlugins !== 'any' && execPlugins.size > 0
    throw new Refusal(
      `The user runs a program ("exec") to get a credential, which the hub ${hasOthers ? 'allows for other programs only' : 'does not'}.`,
      'Make a kubeconfig with a ServiceAccount\'s token: "bun run credential <context>". An operator may allow a program by its absolute path in HUB_ALLOW_EXEC_PLUGINS.',
    )
  }
  const apiVersion = execApiVersions.find((version) => version === exec.apiVersion)
  if (!apiVersion) {
    throw new Refusal(
      'The "apiVersion" of the user\'s "exec" is unknown.',
      `Use ${execApiVersions.join(' or ')}.`,
    )
  }
  if (exec.interactiveMode === 'Always') {
    throw new Refusal(
      'The user\'s "exec" asks for a terminal ("interactiveMode: Always"), which the hub does not have.',
      serviceAccountFix,
    )
  }
  const args = readArguments(exec.args)
  const env = readVariables(exec.env)
  if (execPlugins !== 'any') {
    const rules = rulesFor(command, execPlugins)
    refuseArguments(command, args, rules)
    refuseVariables(command, env, rules)
  }
  return { command, args, env, apiVersion, provideClusterInfo: exec.provideClusterInfo === true }
}

/**
 * What to run, null where that is not allowed. Only listed paths run: clouds write bare names (`kubelogin`), which then
 * stand for the listed program of that name, of several for the one that the PATH has first.
 */
function findCommand(
  command: string,
  execPlugins: ExecPlugins | 'any' | undefined,
  programFolders: readonly string[],
): string | null {
  if (execPlugins === 'any') return command
  if (execPlugins === undefined) return null
  if (command.includes('/')) return execPlugins.has(command) ? command : null
  const listed = [...execPlugins.keys()].filter((path) => path.endsWith(`/${command}`))
  const onPath = programFolders.map((folder) => `${folder.replace(/\/+$/, '')}/${command}`)
  return onPath.find((path) => listed.includes(path)) ?? listed[0] ?? null
}

/** What is known of the program by its name, and what the operator adds. */
function rulesFor(command: string, execPlugins: ExecPlugins | undefined): ExecRules {
  const known = knownPrograms.get(command.slice(command.lastIndexOf('/') + 1))
  const rules = [known, execPlugins?.get(command)].flatMap((each) => each ?? [])
  return { args: rules.flatMap(({ args }) => args), env: rules.flatMap(({ env }) => env) }
}

function refuseArguments(command: string, args: readonly string[], { args: rules }: ExecRules) {
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at]!
    if (rules.includes(arg) && !arg.endsWith('=')) continue
    const flag = arg.startsWith('-') ? (/^[^=]+/.exec(arg)?.[0] ?? arg) : arg
    const takesValue = flag.startsWith('-') && rules.includes(`${flag}=`)
    const named = `The ${at + 1}${ordinal(at + 1)} argument of the user's "exec"`
    if (!takesValue) {
      throw new Refusal(
        `${named} is not among those that ${command} may be given.`,
        'Remove it. An operator may allow it behind the program in HUB_ALLOW_EXEC_PLUGINS ("arg:…").',
      )
    }
    const isJoined = arg.length > flag.length
    if (!isJoined) at += 1
    const value = isJoined ? arg.slice(flag.length + 1) : args[at]
    if (value === undefined || !isPlainValue(value)) {
      throw new Refusal(
        `The value of "${flag}" in the "args" of the user's "exec" is not a plain name, id or ARN.`,
        'Give one; addresses and file paths are not accepted there.',
      )
    }
  }
}

/** No option, file or address: programs read `file://…`, `@file` and the like as what is there. */
function isPlainValue(value: string): boolean {
  return (
    /^[A-Za-z0-9_][A-Za-z0-9_.:/+=@-]{0,1023}$/.test(value) &&
    !/:\/\/|(^|\/)\.\.(\/|$)|^file:/i.test(value)
  )
}

function refuseVariables(command: string, env: Record<string, string>, rules: ExecRules): void {
  for (const name of Object.keys(env)) {
    if (rules.env.includes(name)) continue
    throw new Refusal(
      `The "env" of the user's "exec" sets ${name}, which is not among those that ${command} may be given.`,
      'Remove it. An operator may allow it behind the program in HUB_ALLOW_EXEC_PLUGINS ("env:…").',
    )
  }
}

function readArguments(value: unknown): string[] {
  const args = toList(value).filter((item) => typeof item === 'string' && isText(item)) as string[]
  if (args.length === toList(value).length && args.length <= listMax) return args
  throw new Refusal(
    'The "args" of the user\'s "exec" are not a list of strings.',
    `Put each in quotes; ${listMax} with ${textLengthMax} characters each are accepted at most.`,
  )
}

function readVariables(value: unknown): Record<string, string> {
  const list = toList(value)
  const pairs = list.flatMap((item): [string, string][] =>
    isRecord(item) &&
    typeof item.name === 'string' &&
    typeof item.value === 'string' &&
    /^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(item.name) &&
    isText(item.value)
      ? [[item.name, item.value]]
      : [],
  )
  if (pairs.length === list.length && pairs.length <= listMax) return Object.fromEntries(pairs)
  throw new Refusal(
    'The "env" of the user\'s "exec" is not a list of names and values.',
    `Write each as "name" and "value"; ${listMax} with ${textLengthMax} characters each are accepted at most.`,
  )
}

function toList(value: unknown): unknown[] {
  if (Array.isArray(value)) return value
  return value === undefined || value === null ? [] : [value]
}

function isText(value: string): boolean {
  return value.length <= textLengthMax && !value.includes('\0')
}

function ordinal(at: number): string {
  if (at % 100 >= 11 && at % 100 <= 13) return 'th'
  return ['th', 'st', 'nd', 'rd'][at % 10] ?? 'th'
}
