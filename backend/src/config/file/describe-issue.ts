import { ConfigFile } from '@hub/shared'
import { isMap, isNode, isScalar, isSeq, type Document } from 'yaml'
import * as z from 'zod'
import { offsetOf } from './offset-of.ts'

type Issue = z.core.$ZodIssue

/** An issue as sentences that name the field and the fix, each with the place in the text. */
export function describeIssue(
  issue: Issue,
  document: Document.Parsed,
): { offset: number; sentence: string }[] {
  // No key of a file is a symbol.
  const path = issue.path as (string | number)[]
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      offset: offsetOfKey(document, path, key),
      sentence: `${formatPath([...path, key])} is unknown here; use ${listFields(path)}.`,
    }))
  }
  const name = formatPath(path) || 'The file'
  const offset = offsetOfNearest(document, path)
  if (document.getIn(path) === undefined) {
    return [{ offset, sentence: `${name} is missing; write it.` }]
  }
  return [{ offset, sentence: `${name}${describeFault(issue, document.getIn(path))}.` }]
}

function describeFault(issue: Issue, value: unknown): string {
  const words = findWords(issue, value)
  return words.startsWith('must ') ? ` ${words}` : `: ${words}`
}

function findWords(issue: Issue, value: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return describeType(issue.expected, value)
    case 'invalid_value':
      return issue.message.startsWith('must ')
        ? issue.message
        : `must be one of ${issue.values.map(String).join(', ')}, not ${describeValue(value)}`
    case 'too_big':
      return issue.origin === 'array' || issue.origin === 'string'
        ? `must have ${issue.maximum} ${issue.origin === 'array' ? 'items' : 'characters'} at most`
        : issue.message
    default:
      return issue.message
  }
}

function describeType(expected: string, value: unknown): string {
  switch (expected) {
    case 'string':
      return typeof value === 'number' || typeof value === 'boolean'
        ? `must be a text: write it in quotes, "${value}"`
        : `must be a text, not ${describeValue(value)}`
    case 'array':
      return `must be a list, each item after "- ", not ${describeValue(value)}`
    case 'boolean':
      return `must be true or false, not ${describeValue(value)}`
    case 'int':
    case 'number':
      return `must be a number, not ${describeValue(value)}`
    default:
      return `must have keys, such as ${listed}, not ${describeValue(value)}`
  }
}

const listed = '"role: viewer"'

function describeValue(value: unknown): string {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
      return `"${String(value).slice(0, 100)}"`
    default:
      return isMap(value) ? 'keys' : isSeq(value) ? 'a list' : 'nothing'
  }
}

function listFields(path: readonly (string | number)[]): string {
  let at: z.ZodType = ConfigFile
  for (const key of path) at = below(open(at), key) ?? at
  const inner = open(at)
  return inner instanceof z.ZodObject ? Object.keys(inner.shape).join(', ') : 'other keys'
}

function below(schema: z.ZodType, key: string | number): z.ZodType | null {
  if (schema instanceof z.ZodArray) return schema.element as z.ZodType
  if (!(schema instanceof z.ZodObject)) return null
  return (schema.shape as Record<string, z.ZodType>)[key] ?? null
}

function open(schema: z.ZodType): z.ZodType {
  return schema instanceof z.ZodOptional || schema instanceof z.ZodNullable
    ? open(schema.unwrap() as z.ZodType)
    : schema
}

/** `groupMappings[0].role` */
export function formatPath(path: readonly (string | number)[]): string {
  return path
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : index === 0 ? key : `.${key}`))
    .join('')
}

function offsetOfKey(
  document: Document.Parsed,
  path: readonly (string | number)[],
  key: string,
): number {
  const parent = document.getIn(path)
  const pair = isMap(parent)
    ? parent.items.find((each) => isScalar(each.key) && String(each.key.value) === key)
    : undefined
  return pair ? offsetOf(pair.key) : offsetOfNearest(document, path)
}

/** Of what is missing, where it should be. */
function offsetOfNearest(document: Document.Parsed, path: readonly (string | number)[]): number {
  for (let length = path.length; length >= 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true)
    // An item of a list in brackets may be a key without a value.
    if (isNode(node)) return offsetOf(node)
  }
  return 0
}
