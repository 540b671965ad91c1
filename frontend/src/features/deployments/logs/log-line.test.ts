import { describe, expect, test } from 'vitest'
import { keepLines, levelOf, searchLines, toFile, toShownText, type LogLine } from './log-line.ts'

function line(key: number, text: string): LogLine {
  return { key, pod: 'llama-0', container: 'vllm', at: '2026-11-28T12:00:00Z', text }
}

describe('levelOf', () => {
  test.each([
    ['E0102 15:04:05.678901       1 server.go:42] failed', 'error'],
    ['W0102 15:04:05.678901       1 server.go:42] slow', 'warning'],
    ['INFO 11-28 12:00:00 [api_server.py:1] Started', 'info'],
    ['[2026-11-28 12:00:00] WARNING: no GPU', 'warning'],
    ['2026-11-28T12:00:00Z ERROR cannot load', 'error'],
    ['{"ts":1,"level":"warn","msg":"x"}', 'warning'],
    ['{"severity": "CRITICAL", "message": "x"}', 'error'],
    ['DEBUG x', 'debug'],
    ['Traceback (most recent call last):', null],
    ['the INFORMATION desk', null],
    [`${'x'.repeat(80)} ERROR far into the line`, null],
    ['', null],
  ])('%s is %s', (text, level) => {
    expect(levelOf(text)).toBe(level)
  })
})

test('what terminals obey is not shown, and what no font has is a mark', () => {
  expect(toShownText('\u001b[31mred\u001b[0m')).toBe('red')
  expect(toShownText('\u001b]8;;https://example.com\u0007link\u001b]8;;\u0007')).toBe('link')
  expect(toShownText('a\u0000b\u202ec\td')).toBe('a·b·c\td')
})

test('a search finds lines that have every word', () => {
  const lines = [line(1, 'Loading weights'), line(2, 'Loading took 3 s'), line(3, 'Ready')]
  expect(searchLines(lines, 'LOADING 3').map(({ key }) => key)).toEqual([2])
  expect(searchLines(lines, '  ')).toBe(lines)
})

test('the latest lines are kept, and those let go are counted', () => {
  let kept = keepLines({ lines: [], forgotten: 0 }, [], 100)
  for (let key = 0; key < 1_000; key += 1) kept = keepLines(kept, [line(key, 'x')], 100)
  expect(kept.lines.length).toBeLessThanOrEqual(120)
  expect(kept.lines.at(-1)?.key).toBe(999)
  expect(kept.forgotten + kept.lines.length).toBe(1_000)
})

test('a file names the pod where there are several', () => {
  expect(toFile([line(1, 'a')], true)).toBe('[pod/llama-0/vllm] 2026-11-28T12:00:00Z a\n')
  expect(toFile([{ ...line(1, 'a'), at: null }], false)).toBe('a\n')
})
