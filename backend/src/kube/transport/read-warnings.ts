import { isUtf8 } from 'node:buffer'
import { showLine } from '#text'
import { clip } from '../objects.ts'
import type { Answer } from './exchange.ts'

const warningsMax = 20
const warningLengthMax = 1_000

/** `warn-code SP warn-agent SP warn-text` (RFC 9111 §5.5); the API server sends each as `299 - "…"`. */
const warning = /299\s+\S+\s+"((?:[^"\\]|\\.)*)"/gs

/**
 * What an API server has to say about what it did all the same, and its webhooks through it: a stranger's words, each once,
 * one line, and bounded.
 */
export function readWarnings({ headers }: Pick<Answer, 'headers'>): string[] {
  const sent = [headers['warning'] ?? []].flat()
  const texts = sent
    .flatMap((value) => [...value.matchAll(warning)])
    .map(([, quoted]) => toLine(quoted!))
    .filter((text) => text !== '')
  return [...new Set(texts)].slice(0, warningsMax)
}

function toLine(quoted: string): string {
  const line = showLine(decode(quoted.replaceAll(/\\(.)/gs, '$1')))
    .replaceAll(/\p{Cf}/gu, '')
    .trim()
  return line.length > warningLengthMax ? `${clip(line, warningLengthMax)}…` : line
}

/** Bytes of UTF-8 come out of a header as characters of Latin-1. */
function decode(text: string): string {
  const bytes = Buffer.from(text, 'latin1')
  if (bytes.toString('latin1') !== text) return text
  return isUtf8(bytes) ? bytes.toString('utf8') : text
}
