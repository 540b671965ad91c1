import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { writeYaml } from './write-yaml.ts'

describe('what kubectl reads', () => {
  test.each(['no', 'on', 'y', 'Yes', 'off', '0b11', '1_0', '12:30', '2001-01-01', '1e3', '0777'])(
    'the text %s stays a text, as a value and as a key',
    (text) => {
      const value = { names: [text], [text]: text }
      expect(parse(writeYaml(value), { version: '1.1' })).toEqual(value)
    },
  )

  test.each(['\u0085', 'a\u0085b', 'a\u2028b', 'a\u2029b', '\u007F', '\u009F', '\uFFFE"\\\n'])(
    'the text %j has no character that ends a line there, or is a mistake',
    (text) => {
      const value = { names: [text], [text]: text }
      expect(writeYaml(value)).toMatch(/^[\n -~]*$/)
      expect(parse(writeYaml(value), { version: '1.1' })).toEqual(value)
    },
  )

  test('a long text stands in one line', () => {
    const text = 'a word '.repeat(40).trim()
    expect(writeYaml({ text })).toBe(`text: ${text}\n`)
  })
})
