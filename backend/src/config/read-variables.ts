import {
  findDefault,
  type Mode,
  type Report,
  type ValuesOf,
  type Variable,
  type Variables,
} from './variable.ts'

export type Environment = Record<string, string | undefined>

export type Source = Report & {
  env: Environment
  readFile: (path: string) => string
  mode: Mode
}

/** The values of a table's variables; adds every mistake to the source's. */
export function readVariables<Table extends Variables>(
  table: Table,
  source: Source,
): ValuesOf<Table> {
  const values = Object.entries(table).map(([name, variable]) => [
    name,
    readValue(name, variable, source),
  ])
  // Each value is what the parser of its own variable returned, or null where that has no default.
  return Object.fromEntries(values) as ValuesOf<Table>
}

/** What the environment itself says; empty is unset. */
export function findText(env: Environment, name: string): string | undefined {
  return env[name]?.trim() || undefined
}

function readValue(name: string, variable: Variable, source: Source): unknown {
  const given = variable.secret ? readSecret(name, source) : readText(name, source)
  if (given === undefined && variable.requiredBy !== undefined) {
    source.mistakes.push(
      `${name} is missing; ENABLED_AUTH_PROVIDERS lists ${variable.requiredBy}, which needs it.`,
    )
    return ''
  }
  const text = given ?? findDefault(variable, source.mode)
  if (text === null) return null
  const { mistakes, mode, warnings } = source
  return variable.parse(text, { name, mode, mistakes, warnings })
}

function readText(name: string, { env, warnings }: Source): string | undefined {
  if (findText(env, `${name}_FILE`) !== undefined) {
    warnings.push(`${name}_FILE is set, but ${name} cannot come from a file: it is not read.`)
  }
  return findText(env, name)
}

function readSecret(name: string, source: Source): string | undefined {
  const { env, mistakes } = source
  const value = findText(env, name)
  const path = findText(env, `${name}_FILE`)
  if (path === undefined) return value
  if (value !== undefined) {
    mistakes.push(`${name} and ${name}_FILE are both set; unset one of them.`)
    return value
  }
  return readNamedFile(`${name}_FILE`, path, source)
}

/** What is in a file that a setting names; adds what keeps it from being read to the mistakes. */
export function readNamedFile(
  setting: string,
  path: string,
  { mistakes, readFile }: Pick<Source, 'mistakes' | 'readFile'>,
): string | undefined {
  try {
    const content = readFile(path).trim()
    if (content === '') mistakes.push(`${setting} names ${path}, which is empty.`)
    return content || undefined
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : ''
    mistakes.push(
      `${setting} names ${path}, which cannot be read${code}; correct the path or its permissions.`,
    )
    return undefined
  }
}
