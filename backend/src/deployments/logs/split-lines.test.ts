import { describe, expect, it } from 'vitest'
import { createLineSplitter, lineBytesMax } from './split-lines.ts'

const split = (...chunks: (string | Uint8Array)[]) => {
  const splitter = createLineSplitter()
  const texts = chunks.map((chunk) => splitter.push(Buffer.from(chunk as Uint8Array)))
  return [...texts, splitter.end()].join('').split('\n').slice(0, -1)
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
    for (let i = 0; i < 16; i += 1) expect(splitter.push(chunk)).toBe('')
    const long = `${'x'.repeat(lineBytesMax)} … (cut: the line has 1048576 bytes)`
    expect(splitter.push(Buffer.from('\nnext\n'))).toBe(`${long}\nnext\n`)
  })

  it.each([
    [lineBytesMax, 'x'.repeat(lineBytesMax)],
    [lineBytesMax + 1, `${'x'.repeat(lineBytesMax)} … (cut: the line has 16385 bytes)`],
  ])('keeps the others whole around one of %s bytes', (length, expected) => {
    const lines = ['a', 'x'.repeat(length), '', 'b'.repeat(lineBytesMax), 'c', 'x'.repeat(length)]
    const whole = ['a', expected, '', 'b'.repeat(lineBytesMax), 'c', expected]
    expect(split(`${lines.join('\n')}\n`)).toEqual(whole)
  })

  it('makes the same lines wherever its bytes are cut', () => {
    const odd = [
      'plain',
      '',
      'é漢🚀 end',
      '\u001b[31mred\u001b[0m',
      '2026-01-01T00:00:00Z 1%\r2%',
      'a\u202eb',
      'long'.repeat(lineBytesMax),
      'no end',
    ].join('\n')
    const bytes = Buffer.concat([Buffer.from([0xff, 0xc3, 10]), Buffer.from(odd)])
    const expected = split(bytes)
    expect(expected.slice(0, 6)).toEqual([
      '\ufffd\ufffd',
      'plain',
      '',
      'é漢🚀 end',
      'red',
      '2026-01-01T00:00:00Z 2%',
    ])
    for (let size = 1; size < 100; size += 1) {
      const chunks: Uint8Array[] = []
      for (let from = 0; from < bytes.length; from += size) {
        chunks.push(bytes.subarray(from, from + size))
      }
      expect(split(...chunks)).toEqual(expected)
    }
  })
})
