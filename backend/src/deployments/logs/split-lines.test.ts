import { describe, expect, it } from 'vitest'
import { createLineSplitter, lineBytesMax } from './split-lines.ts'

const split = (...chunks: (string | Uint8Array)[]) => {
  const splitter = createLineSplitter()
  const lines = chunks.flatMap((chunk) => splitter.push(Buffer.from(chunk as Uint8Array)))
  return [...lines, ...splitter.end()]
}

describe('createLineSplitter', () => {
  it.each<[string, (string | Uint8Array)[], string[]]>([
    ['lines', ['a\nb\n'], ['a', 'b']],
    ['what has no end', ['a\nb'], ['a', 'b']],
    ['lines over several chunks', ['a', 'b\nc', '\n'], ['ab', 'c']],
    ['empty lines', ['\n\n'], ['', '']],
    ['the end of Windows', ['a\r\nb\r\n'], ['a', 'b']],
    [
      'characters cut in two',
      [Buffer.from('é').subarray(0, 1), Buffer.from('é\n').subarray(1)],
      ['é'],
    ],
    ['bytes that are no UTF-8', [Buffer.from([0xff, 0xfe, 0x61, 10])], ['\ufffd\ufffda']],
    ['binary', [Buffer.from([0, 1, 2, 0x7f, 0x41, 10])], ['A']],
    [
      'colours',
      ['\u001b[31mred\u001b[0m \u001b]8;;http://x\u0007link\u001b]8;;\u0007\n'],
      ['red link'],
    ],
    ['text that turns its direction', ['a\u202egnp.exe\n'], ['agnp.exe']],
    ['tabs', ['a\tb\n'], ['a\tb']],
    [
      'of a progress bar the latest',
      ['2026-01-01T00:00:00Z  1%\r 50%\r100%\n'],
      ['2026-01-01T00:00:00Z 100%'],
    ],
  ])('makes %s', (_, chunks, expected) => {
    expect(split(...chunks)).toEqual(expected)
  })

  it('cuts a line of a megabyte, keeps no more of it meanwhile, and goes on', () => {
    const splitter = createLineSplitter()
    const chunk = Buffer.alloc(64 * 1024, 'x')
    for (let i = 0; i < 16; i += 1) expect(splitter.push(chunk)).toEqual([])
    const [long, next] = splitter.push(Buffer.from('\nnext\n'))
    expect(long).toBe(`${'x'.repeat(lineBytesMax)} … (cut: the line has 1048576 bytes)`)
    expect(next).toBe('next')
  })
})
