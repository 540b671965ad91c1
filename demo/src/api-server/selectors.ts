import type { KubeObject } from '../objects.ts'
import { badRequest } from './status.ts'

export type Selector = (object: KubeObject) => boolean

const matchAll: Selector = () => true

/** A label selector such as `app=x,tier in (a,b),!old`. */
export function parseLabelSelector(text: string | null): Selector {
  if (text === null || text.trim() === '') return matchAll
  const requirements = splitOutsideParentheses(text).map(parseRequirement)
  return (object) => {
    const labels = object.metadata.labels ?? {}
    return requirements.every((requirement) => requirement(labels))
  }
}

/** A field selector such as `metadata.name=x,spec.nodeName!=y` over the fields the resource allows. */
export function parseFieldSelector(
  text: string | null,
  fields: Record<string, (object: KubeObject) => string>,
): Selector {
  if (text === null || text.trim() === '') return matchAll
  // A backslash keeps a comma, an equals sign or another backslash in a value.
  const requirements = (text.match(/(\\.|[^\\,])+/g) ?? []).map((part) => {
    const match = /^(.*?)(!=|==|=)(.*)$/.exec(part)
    if (!match) throw badRequest(`invalid selector: '${text}'; can't understand '${part}'`)
    const [, field, operator, value] = match as unknown as [string, string, string, string]
    const read = fields[field]
    if (!read) throw badRequest(`field label not supported: ${field}`)
    const wanted = value.replaceAll(/\\(.)/g, '$1')
    return (object: KubeObject) => (read(object) === wanted) === (operator !== '!=')
  })
  return (object) => requirements.every((requirement) => requirement(object))
}

function splitOutsideParentheses(text: string): string[] {
  const parts: string[] = []
  let part = ''
  let depth = 0
  for (const character of text) {
    if (character === '(') depth++
    if (character === ')') depth--
    if (character === ',' && depth === 0) {
      parts.push(part)
      part = ''
    } else part += character
  }
  if (depth > 0) throw badRequest(`unable to parse requirement: found '', expected: ',' or ')'`)
  return [...parts, part].map((each) => each.trim())
}

const keyPattern = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/

function parseRequirement(text: string): (labels: Record<string, string>) => boolean {
  const set = /^(\S+)\s+(in|notin)\s*\(([^)]*)\)$/.exec(text)
  if (set) {
    const [, key, operator, list] = set as unknown as [string, string, string, string]
    checkKey(key)
    const values = new Set(list.split(',').map((value) => value.trim()))
    // A label that is absent is not in any set: `notin` matches it, `in` does not.
    return (labels) => {
      const value = labels[key]
      return (value !== undefined && values.has(value)) === (operator === 'in')
    }
  }
  const equality = /^([^\s=!<>]+)\s*(==|=|!=)\s*([-A-Za-z0-9_.]*)$/.exec(text)
  if (equality) {
    const [, key, operator, expected] = equality as unknown as [string, string, string, string]
    checkKey(key)
    return (labels) => (labels[key] === expected) === (operator !== '!=')
  }
  const order = /^([^\s=!<>]+)\s*([<>])\s*(-?\d+)$/.exec(text)
  if (order) {
    const [, key, operator, bound] = order as unknown as [string, string, string, string]
    checkKey(key)
    return (labels) => {
      const value = labels[key]
      if (value === undefined || !/^-?\d+$/.test(value)) return false
      return operator === '>' ? Number(value) > Number(bound) : Number(value) < Number(bound)
    }
  }
  const isNegated = text.startsWith('!')
  const key = isNegated ? text.slice(1) : text
  checkKey(key)
  return (labels) => key in labels !== isNegated
}

function checkKey(key: string): void {
  if (!keyPattern.test(key))
    throw badRequest(`unable to parse requirement: invalid label key ${JSON.stringify(key)}`)
}
