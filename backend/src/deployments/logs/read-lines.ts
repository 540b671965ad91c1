import { readLine, type Line } from './deliver-lines.ts'
import { createLineSplitter } from './split-lines.ts'

/** Lines as they came, or how much was left out between those before and those after. */
export type LineBatch =
  | { type: 'lines'; lines: readonly Line[] }
  | { type: 'dropped'; lines: number; bytes: number }

/** The lines of a log, as its bytes come. */
export async function* readLines(body: ReadableStream<Uint8Array>): AsyncIterable<LineBatch> {
  const splitter = createLineSplitter()
  for await (const chunk of body) {
    const lines = splitter.push(chunk).map(readLine)
    if (lines.length > 0) yield { type: 'lines', lines }
  }
  const lines = splitter.end().map(readLine)
  if (lines.length > 0) yield { type: 'lines', lines }
}
