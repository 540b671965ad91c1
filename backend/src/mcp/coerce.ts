import type { JSONObject } from '@modelcontextprotocol/server'
import { describeValue, describeWanted } from './describe-argument.ts'

type Json = Record<string, unknown>

const decimal = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

/**
 * What a model sent, as the schema spells it, where that can only be meant in one way: numbers, booleans, lists and objects
 * that came as text, null for what is left out, one thing for a list of one. Everything else stays as it came, and
 * `faults` gets a sentence for what is of no type that the schema takes, or has no place in it.
 */
export function coerce(value: unknown, schema: JSONObject, faults: string[], at = ''): unknown {
  const options = listOptions(schema)
  if (options.length === 0) return value
  const fitting = options.filter((option) => isOfType(value, option))
  if (fitting.length === 1) return coerceWithin(value, fitting[0]!, faults, at)
  const ways = (fitting.length > 1 ? fitting : options).flatMap((option) => {
    const read = fitting.length > 1 ? [value] : convert(value, option)
    return read.map((each) => {
      const own: string[] = []
      return { value: coerceWithin(each, option, own, at), faults: own }
    })
  })
  const good = ways.filter((way) => way.faults.length === 0)
  if (new Set(good.map((way) => JSON.stringify(way.value))).size === 1) return good[0]!.value
  // Of several that it could be, the operation's own schema decides.
  if (fitting.length > 0) return value
  const [only] = ways.length === 1 ? ways : []
  const sentence = `${at || 'it'}: wanted is ${describeWanted(options)}, and ${describeValue(value)} came`
  faults.push(...(only?.faults ?? [sentence]))
  return value
}

/** Without what a type is written in: each with one `type`. None where the schema takes anything. */
function listOptions(schema: JSONObject): JSONObject[] {
  if (Array.isArray(schema['anyOf'])) return (schema['anyOf'] as JSONObject[]).flatMap(listOptions)
  const { type } = schema
  if (Array.isArray(type)) return type.map((each) => ({ ...schema, type: each }))
  return typeof type === 'string' ? [schema] : []
}

function isOfType(value: unknown, { type }: JSONObject): boolean {
  switch (type) {
    case 'null':
      return value === null
    case 'array':
      return Array.isArray(value)
    case 'object':
      return isObject(value)
    case 'integer':
      return Number.isInteger(value)
    default:
      return typeof value === type
  }
}

/** The ways, at most one, to read a value of another type as this one. */
function convert(value: unknown, schema: JSONObject): unknown[] {
  switch (schema['type']) {
    case 'integer':
    case 'number': {
      if (typeof value !== 'string' || !decimal.test(value.trim())) return []
      const number = Number(value)
      const isExact = schema['type'] === 'integer' ? Number.isSafeInteger : Number.isFinite
      return isExact(number) ? [number] : []
    }
    case 'boolean':
      return typeof value === 'string' && /^(?:true|false)$/i.test(value.trim())
        ? [value.trim().toLowerCase() === 'true']
        : []
    case 'null':
      return value === 'null' || value === 'None' ? [null] : []
    case 'string':
      return toText(value, schema['enum'])
    case 'object':
      return readJson(value).filter(isObject)
    case 'array':
      return toList(value)
    default:
      return []
  }
}

/** A whole number is written in one way alone; true and false only where they are words that are taken. */
function toText(value: unknown, words: unknown): unknown[] {
  const isWord = Array.isArray(words) && words.includes(String(value))
  if (typeof value === 'boolean') return isWord ? [String(value)] : []
  return Number.isSafeInteger(value) && (words === undefined || isWord) ? [String(value)] : []
}

/** A text with a comma may be meant as several. */
function toList(value: unknown): unknown[] {
  if (value === null) return []
  if (typeof value !== 'string') return [[value]]
  const read = readJson(value)
  if (read.some(Array.isArray)) return read
  return value === '' || value.includes(',') ? [] : [[value]]
}

function readJson(value: unknown): unknown[] {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return []
  try {
    return [JSON.parse(value)]
  } catch {
    return []
  }
}

function coerceWithin(value: unknown, schema: JSONObject, faults: string[], at: string): unknown {
  if (Array.isArray(value)) {
    const { items } = schema
    if (!isObject(items)) return value
    return value.map((each, index) => coerce(each, items, faults, join(at, index)))
  }
  return isObject(value) ? coerceFields(value, schema, faults, at) : value
}

function coerceFields(value: Json, schema: JSONObject, faults: string[], at: string): Json {
  const { additionalProperties: others, required = [] } = schema
  const properties = (schema['properties'] ?? {}) as Record<string, JSONObject>
  const fields: [string, unknown][] = []
  for (const [name, each] of Object.entries(value)) {
    const inner = Object.hasOwn(properties, name) ? properties[name]! : others
    if (inner === false) {
      faults.push(`there is no argument ${JSON.stringify(join(at, name))}`)
      continue
    }
    if (!isObject(inner)) {
      fields.push([name, each])
      continue
    }
    // Models write null for what they leave out; where null means something, it stays.
    const isOptional = Object.hasOwn(properties, name) && !(required as string[]).includes(name)
    if (each === null && isOptional && !takesNull(inner)) continue
    fields.push([name, coerce(each, inner, faults, join(at, name))])
  }
  return Object.fromEntries(fields)
}

function takesNull(schema: JSONObject): boolean {
  const options = listOptions(schema)
  return options.length === 0 || options.some(({ type }) => type === 'null')
}

function join(at: string, name: string | number): string {
  return at === '' ? String(name) : `${at}.${name}`
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
