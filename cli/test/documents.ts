import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export type Block = { document: string; number: number; language: string; text: string }

/** Every fenced block of a document that people follow, in its order, without its indentation. */
export function readBlocks(document: string): Block[] {
  const text = readFileSync(
    join(import.meta.dirname, '..', 'suites', 'documents', document),
    'utf8',
  )
  const fences = text.matchAll(/^( *)```(\w+)[^\n]*\n([\s\S]*?)\n *```$/gm)
  return [...fences].map(([, indent = '', language = '', body = ''], index) => ({
    document,
    number: index + 1,
    language,
    text: body
      .split('\n')
      .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line))
      .join('\n'),
  }))
}
