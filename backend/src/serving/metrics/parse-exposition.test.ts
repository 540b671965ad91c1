import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseExposition } from './parse-exposition.ts'

const all = () => true
const manyLabels = Array.from({ length: 65 }, (_, index) => `x${index}="1",`).join('')
const read = (text: string, isWanted: (name: string) => boolean = all) => {
  const parsed = parseExposition(text, isWanted)
  if ('fault' in parsed) return parsed.fault
  return [...parsed.samples].flatMap(([name, samples]) =>
    samples.map(({ labels, value }) => [name, Object.fromEntries(labels), value]),
  )
}

describe("Prometheus' text format", () => {
  test.each<[string, string, unknown]>([
    ['a plain value', 'up 1\n', [['up', {}, 1]]],
    ['a name with a colon', 'vllm:num 2\n', [['vllm_num', {}, 2]]],
    ['labels', 'a{x="1",y="two"} 3\n', [['a', { x: '1', y: 'two' }, 3]]],
    ['a comma at the end of labels', 'a{x="1",} 3\n', [['a', { x: '1' }, 3]]],
    ['spaces around everything', ' a { x = "1" }  3   1700000000000\n', [['a', { x: '1' }, 3]]],
    ['spaces within labels', 'a{ x = "1" , y="2" } 3\n', [['a', { x: '1', y: '2' }, 3]]],
    ['escapes', 'a{x="\\"\\\\\\n}"} 1\n', [['a', { x: '"\\\n}' }, 1]]],
    ['a time behind the value', 'a 1.5e3 1700000000000\n', [['a', {}, 1500]]],
    ['comments and empty lines', '# HELP a b\n\n# TYPE a gauge\r\na 1\r\n', [['a', {}, 1]]],
    ['no braces but a tab', 'a\t1\n', [['a', {}, 1]]],
    [
      'the last of a series that comes twice',
      'a{x="1",y="2"} 1\na{y="2",x="1"} 5\n',
      [['a', { y: '2', x: '1' }, 5]],
    ],
    ['no number that is none', 'a NaN\nb +Inf\nc -Inf\nd 1\n', [['d', {}, 1]]],
    ['what has an end alone', 'a 1\nb 12', [['a', {}, 1]]],
  ])('has %s', (_, text, expected) => {
    expect(read(text)).toEqual(expected)
  })

  test('of OpenMetrics has exemplars, times in seconds and an end', () => {
    const text =
      '# TYPE a histogram\na_bucket{le="0.5"} 8 1700000000.5 # {trace_id="}\\"x"} 0.3 1700000000.1\na_created 1.7e9\n# EOF\n'
    expect(read(text)).toEqual([
      ['a_bucket', { le: '0.5' }, 8],
      ['a_created', {}, 1.7e9],
    ])
  })

  test('leaves out what nobody wants, without reading it', () => {
    expect(read('a{broken 1\nb 2\n', (name) => name === 'b')).toEqual([['b', {}, 2]])
  })

  test('is read past lines that are none, as long as most are', () => {
    expect(read('a 1\nb 2\n!\n')).toEqual([
      ['a', {}, 1],
      ['b', {}, 2],
    ])
  })

  test.each([
    ['', 'It answered with nothing.'],
    ['\n\n', 'It answered with nothing.'],
    ['<!doctype html><html></html>', 'It answered with a web page instead of metrics.'],
    ['[{"iter": 1}]\n', "What it answered is not in Prometheus' text format."],
    ['Not found\n', "What it answered is not in Prometheus' text format."],
    ['\u0000\u0001\u0002\n', "What it answered is not in Prometheus' text format."],
    ['a 1', "What it answered is not in Prometheus' text format."],
    [`a{${manyLabels}} 1\n`, "What it answered is not in Prometheus' text format."],
    [`a${' '.repeat(20_000)}1\n`, "What it answered is not in Prometheus' text format."],
  ])('is not %j', (text, fault) => {
    expect(read(text)).toBe(fault)
  })

  test('has no more series than the hub reads', () => {
    const lines = Array.from({ length: 20_001 }, (_, index) => `a{x="${index}"} 1\n`)
    expect(read(lines.join(''))).toBe(
      'Its metrics have more than 20000 series, more than the hub reads.',
    )
  })

  test('is read or not, and never throws, whatever comes', () => {
    const pieces = fc.constantFrom(
      'a',
      '{',
      '}',
      '"',
      '\\',
      '=',
      ',',
      ' ',
      '\n',
      '1',
      '#',
      'NaN',
      ':',
    )
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 60 }), (text) => {
        const parsed = parseExposition(text.join(''), all)
        expect('fault' in parsed || parsed.samples instanceof Map).toBe(true)
      }),
      { numRuns: 500, seed: 1 },
    )
  })
})
