import { parseArgs } from 'node:util'
import { Failure } from '../failure.ts'
import type { Flag, Flags, Values } from './flag.ts'
import { refusedFlags } from './known-flags.ts'

/** Throws `usage` for what is unknown, refused, doubled where one is meant, or of the wrong kind. */
export function parseFlags(args: readonly string[], flags: Flags): Values {
  const { tokens } = parseArgs({
    args: [...args],
    tokens: true,
    strict: false,
    allowPositionals: true,
    options: Object.fromEntries(
      Object.entries(flags).map(([name, { kind }]) => [
        name,
        {
          type: kind === 'switch' ? ('boolean' as const) : ('string' as const),
          multiple: true,
          ...(name === 'v' && { short: 'v' }),
          ...(name === 'help' && { short: 'h' }),
          ...(name === 'output' && { short: 'o' }),
        },
      ]),
    ),
  })
  const given = new Map<string, string[]>()
  for (const token of tokens) {
    if (token.kind === 'positional') {
      throw new Failure('usage', `"${token.value}" is not understood: flags begin with --.`)
    }
    if (token.kind !== 'option') continue
    const flag = findFlag(flags, token.name)
    // `-v=1` arrives with its sign.
    const raw = token.rawName.startsWith('--') ? token.value : token.value?.replace(/^=/, '')
    const value = readValue(token.name, flag, raw)
    given.set(token.name, [...(given.get(token.name) ?? []), ...value])
  }
  return toValues(given, flags)
}

function findFlag(flags: Flags, name: string): Flag {
  const flag = Object.hasOwn(flags, name) ? flags[name] : undefined
  if (flag) return flag
  const why = Object.hasOwn(refusedFlags, name) ? refusedFlags[name] : undefined
  throw new Failure(
    'usage',
    why ? `--${name} is refused. ${why}` : `There is no flag --${name}. See --help.`,
  )
}

function readValue(name: string, flag: Flag, value: string | undefined): string[] {
  if (flag.kind === 'switch') {
    if (value === undefined || value === 'true') return ['true']
    if (value === 'false') return ['false']
    throw new Failure('usage', `--${name} is true or false, not "${value}".`)
  }
  if (value === undefined) throw new Failure('usage', `--${name} needs a value.`)
  if (flag.kind === 'choice' && !flag.choices?.includes(value)) {
    throw new Failure('usage', `--${name} is ${flag.choices?.join(', ')}, not "${value}".`)
  }
  if (flag.kind === 'seconds' && !/^[1-9]\d{0,4}$/.test(value)) {
    throw new Failure('usage', `--${name} is a number of seconds from 1 to 99999, not "${value}".`)
  }
  if (name === 'v' && !/^\d+$/.test(value)) {
    throw new Failure('usage', `-v takes a number, as in -v1, not "${value}".`)
  }
  if (flag.kind === 'pairs') return readPairs(name, value)
  return flag.kind === 'list' ? splitList(value) : [value]
}

function splitList(value: string): string[] {
  return value
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
}

function readPairs(name: string, value: string): string[] {
  // A comma begins another pair only where one follows: values may hold commas.
  const pairs = value.split(/,(?=[^,=]+=)/)
  for (const pair of pairs) {
    if (!/^[^=]+=/.test(pair)) throw new Failure('usage', `--${name} is NAME=VALUE, not "${pair}".`)
  }
  return pairs
}

function toValues(given: ReadonlyMap<string, string[]>, flags: Flags): Values {
  const list = (name: string) => {
    const fallback = flags[name]?.default
    return given.get(name) ?? (fallback === undefined ? [] : splitList(fallback))
  }
  return {
    list,
    text: (name) => given.get(name)?.at(-1) ?? flags[name]?.default ?? null,
    pairs: (name) =>
      Object.fromEntries(
        (given.get(name) ?? []).map((pair) => {
          const at = pair.indexOf('=')
          return [pair.slice(0, at).trim(), pair.slice(at + 1)]
        }),
      ),
    isOn: (name) => given.get(name)?.at(-1) === 'true',
  }
}
