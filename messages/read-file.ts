import { parseSync } from 'oxc-parser'
import type { Node } from './node.ts'
import { isForPeople, isProse } from './positions.ts'

/** A sentence of a source file, and the problem's code where it is the detail of one. */
export type Message = { text: string; code: string | null }

/** Every sentence of a file that people read, in its order; what is filled in stands as `…`. */
export function readMessages(path: string, source: string): Message[] {
  const { errors, program } = parseSync(path, source)
  if (errors.length > 0) throw new Error(`${path} could not be read: ${errors[0]!.message}`)
  const found: Message[] = []
  visit(program as unknown as Node, [], (text, ancestors) => {
    found.push({ text, code: codeOf(ancestors) })
  })
  return found
}

type Found = (text: string, ancestors: readonly Node[]) => void

function visit(node: Node, ancestors: readonly Node[], found: Found): void {
  if (isElement(node)) visitElement(node, ancestors, found)
  const text = textOf(node)
  if (text !== null && /<\/[a-z]\w*>/.test(text)) {
    for (const line of readHtml(text)) found(line, ancestors)
  } else if (text !== null && isForPeople(text, node, ancestors)) found(text, ancestors)
  // The parts of a text that is joined are no texts of their own; what fills its holes may be.
  const inner = text !== null && node.type === 'BinaryExpression' ? holesOf(node) : childrenOf(node)
  for (const child of inner) visit(child, [...ancestors, node], found)
}

/** The words of an element and of what stands within its lines, as one sentence. */
function visitElement(node: Node, ancestors: readonly Node[], found: Found): void {
  const children = node['children'] as Node[]
  const isPartOfLine = isElement(ancestors.at(-1)) && hasWords(ancestors.at(-1)!) && isInline(node)
  if (isPartOfLine || !hasWords(node)) return
  const text = tidy(children.map(lineOf).join(''))
  if (isProse(text)) found(text, ancestors)
}

function hasWords(element: Node): boolean {
  const children = element['children'] as Node[]
  return children.some((child) => child.type === 'JSXText' && /\p{L}/u.test(textValue(child)))
}

function lineOf(node: Node): string {
  if (node.type === 'JSXText') return textValue(node)
  if (isElement(node)) {
    if (!isInline(node)) return ''
    const children = node['children'] as Node[]
    return children.length === 0 ? '…' : children.map(lineOf).join('')
  }
  const expression = node['expression'] as Node
  if (expression.type === 'JSXEmptyExpression') return ''
  return textOf(expression) ?? '…'
}

function textValue(node: Node): string {
  // A line break between words is a space, and nothing at the ends, as JSX has it.
  const lines = String(node['value']).split('\n')
  return lines
    .map((line, at) => {
      const start = at === 0 ? line : line.trimStart()
      return at === lines.length - 1 ? start : start.trimEnd()
    })
    .filter((line) => line !== '')
    .join(' ')
    .replaceAll('&nbsp;', ' ')
}

const inline = /^(?:code|strong|em|b|kbd|span|a|time|Code|Text|TextLink|RelativeTime|Kbd|Anchor)$/

function isInline(element: Node): boolean {
  const opening = element['openingElement'] as Node | undefined
  const name = opening?.['name'] as Node | undefined
  return name === undefined || inline.test(String(name['name']))
}

function isElement(node: Node | undefined): node is Node {
  return node?.type === 'JSXElement' || node?.type === 'JSXFragment'
}

/** The lines of a page or a part of one that is written as HTML. */
function readHtml(html: string): string[] {
  return html
    .replaceAll(/<(style|script|pre|svg)\b[^>]*>.*?<\/\1>/g, ' ')
    .replaceAll(/<\/?(?:code|strong|em|b|a|span)\b[^>]*>/g, '')
    .split(/<[^>]*>/)
    .map((line) => tidy(line))
    .filter((line) => isProse(line))
}

/** What a literal, a template or several that are joined say; null for all else. */
function textOf(node: Node): string | null {
  if (node.type === 'Literal' && typeof node['value'] === 'string')
    return tidy(node['value'], false)
  if (node.type === 'TemplateLiteral') {
    const pieces = (node['quasis'] as Node[]).map((each) => (each['value'] as Node)['cooked'])
    return tidy(pieces.join('…'), false)
  }
  if (node.type !== 'BinaryExpression' || node['operator'] !== '+') return null
  const [left, right] = [textOf(node['left'] as Node), textOf(node['right'] as Node)]
  return left === null && right === null ? null : `${left ?? '…'}${right ?? '…'}`
}

function holesOf(node: Node): Node[] {
  if (textOf(node) === null) return [node]
  if (node.type === 'TemplateLiteral') return node['expressions'] as Node[]
  if (node.type !== 'BinaryExpression') return []
  return [...holesOf(node['left'] as Node), ...holesOf(node['right'] as Node)]
}

function tidy(text: string, isTrimmed = true): string {
  const plain = text.replaceAll(/\s+/g, ' ').replaceAll(/…(?:…)+/g, '…')
  return isTrimmed ? plain.trim() : plain
}

function childrenOf(node: Node): Node[] {
  return Object.values(node).flatMap((value) =>
    (Array.isArray(value) ? value : [value]).filter(
      (each): each is Node =>
        typeof each === 'object' && each !== null && typeof each.type === 'string',
    ),
  )
}

/** Of the `AppError` whose detail the text is. */
function codeOf(ancestors: readonly Node[]): string | null {
  const error = ancestors.findLast(
    ({ type, callee }) =>
      type === 'NewExpression' && (callee as Node | undefined)?.['name'] === 'AppError',
  )
  const [code] = (error?.['arguments'] as Node[] | undefined) ?? []
  return typeof code?.['value'] === 'string' ? code['value'] : null
}
