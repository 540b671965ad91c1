import type { Node } from './node.ts'

/** What holds a name or a value for programs, whatever it looks like. */
const attributesForPrograms =
  /^(?:className|classNames|styles?|to|href|src|d|viewBox|key|id|type|name|role|rel|target|autoComplete|data-.*|c|w|h|m[a-z]?|p[a-z]?|sizes?|transform|fill|stroke)$/
const propertiesForPrograms = /^(?:name|type|tag|failure|displayName|id|key|color)$/
/** What is kept under such a name is put into an attribute that nobody reads. */
const variablesForPrograms = /^(?:style|className|selector|key)$/
const attributesForPeople = /^(?:label|title|names|what|placeholder|description|aria-label|below)$/

/** Calls whose arguments nobody reads: logs, queries, names of parts. */
const callsForPrograms =
  /(?:^|\.)(?:log|trace|debug|info|warn|error|fatal|querySelector(?:All)?|matchMedia|closest|matches|execute|exec|prepare|raw|pragma|split|join|startsWith|endsWith|includes|test|match|replaceAll|getPropertyValue|append|set|get|has|header|lazyNamed|lazyRouteComponent|text|verify|listWithCredential)$/
/** Errors that say what a programmer did wrong. */
const errorsForPrograms = /^(?:Error|TypeError|RangeError|RegExp|SyntaxError|URL)$/

/** Commands, style sheets, headers, queries of a database: words, and no sentence. */
const codeLike = [
  /^\s*[\w-]+=|[{};]\s*$|^\s*[<.#@]|^[a-z]+_[a-z]+\(/,
  /^(?:SELECT|INSERT|UPDATE|DELETE|CREATE|PRAGMA|BEGIN|set_config)\b|^\w+ = \w+$/,
  /^(?:private|public|no-cache|no-store|default-src|script-src|style-src|attachment|text\/|application\/|retry:|id:|event:)/,
  /^(?:Basic|Bearer|context|status|session) …$|^…?data: …$|\berror="/,
  /^[A-Z]\w*(?:-\w+)*(?:, [A-Z]\w*(?:-\w+)*)+$/,
  /^(?:curl|kubectl|exit code)[. ](?!.*\.$)/,
  /\bsans-serif\b|\bmonospace\b|^[\d.]+(?:ms|px) |^minmax\(/,
]

/** A phrase, or a word as it begins a line. */
export function isProse(text: string): boolean {
  return isPhrase(text) || /^\p{Lu}\p{Ll}+[.…!?]?$/u.test(text.trim())
}

export function isPhrase(text: string): boolean {
  if (codeLike.some((each) => each.test(text))) return false
  const words = /(?:\p{L}{2,}|…)["”’')]?[,;:.!?]? (?:.* )?["“‘'(]?(?:\p{L}{2,}|…)/u
  return words.test(text) && /\p{Ll}{2,}/u.test(text)
}

/** Whether a text stands where people read it. */
export function isForPeople(text: string, node: Node, ancestors: readonly Node[]): boolean {
  if (!/\p{Ll}{2}/u.test(text)) return false
  const place = placeOf(node, ancestors)
  if (place === 'program') return false
  return place === 'person' || isProse(text)
}

type Place = 'person' | 'program' | 'unknown'

/** From the text outwards: the nearest thing around it that tells who reads it. */
function placeOf(node: Node, ancestors: readonly Node[]): Place {
  let inner = node
  for (const [index, outer] of [...ancestors.entries()].toReversed()) {
    const place = judge(outer, inner, ancestors[index - 1])
    if (place !== null) return place
    inner = outer
  }
  return 'unknown'
}

/** Null where what is further out tells it. */
function judge(outer: Node, inner: Node, beyond: Node | undefined): Place | null {
  switch (outer.type) {
    case 'ImportDeclaration':
    case 'ImportExpression':
    case 'TSLiteralType':
    case 'MemberExpression':
    case 'TaggedTemplateExpression':
      return 'program'
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
      return outer['source'] === inner ? 'program' : null
    case 'SwitchCase':
    case 'ConditionalExpression':
      return outer['test'] === inner ? 'program' : null
    case 'BinaryExpression':
      return outer['operator'] === '+' ? null : 'program'
    case 'Property':
    case 'PropertyDefinition':
      return outer['key'] === inner || propertiesForPrograms.test(nameOf(outer['key']))
        ? 'program'
        : null
    case 'VariableDeclarator':
      return variablesForPrograms.test(nameOf(outer['id'])) ? 'program' : null
    case 'JSXAttribute':
      if (attributesForPrograms.test(nameOf(outer['name']))) return 'program'
      return attributesForPeople.test(nameOf(outer['name'])) ? 'person' : 'unknown'
    case 'JSXExpressionContainer':
      return beyond?.type === 'JSXAttribute' ? null : 'person'
    case 'NewExpression':
      return errorsForPrograms.test(nameOf(outer['callee'])) ? 'program' : null
    case 'CallExpression':
      return callsForPrograms.test(nameOf(outer['callee'])) ? 'program' : 'unknown'
    case 'ArrowFunctionExpression':
    case 'FunctionDeclaration':
    case 'FunctionExpression':
      return 'unknown'
    default:
      return null
  }
}

function nameOf(node: unknown): string {
  const { type, name, object, property } = node as Node
  if (type === 'MemberExpression') return `${nameOf(object)}.${nameOf(property)}`
  return typeof name === 'string' ? name : ''
}
