import { describe, expect, test } from 'vitest'
import { readList, readQuotedList } from './read-list.ts'

describe('a comma list', () => {
  test.each<[string | undefined, string[]]>([
    [undefined, []],
    [' , ', []],
    [' a b ,c,, d', ['a b', 'c', 'd']],
  ])('%j has %j', (text, items) => {
    expect(readList(text)).toEqual(items)
  })

  test.each<[string | undefined, string[] | null]>([
    [undefined, []],
    [' a b , c,, d,', ['a b', 'c', 'd']],
    ['"a, b" , c', ['"a, b', 'c']],
    ['"a"', ['"a']],
    ['a,"b ""c"""', ['a', '"b "c"']],
    [' "" , a', ['a']],
    ['a"b"', ['a"b"']],
    ['"a', null],
    ['"a"b', null],
    ['a,"b', null],
    ['"a""', null],
  ])('%j with quotes has %j', (text, items) => {
    const read = readQuotedList(text)
    expect(read && read.map((item) => (item.isQuoted ? `"${item.text}` : item.text))).toEqual(items)
  })
})
