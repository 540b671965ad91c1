import fc from 'fast-check'
import { expect, test } from 'vitest'
import { setMembers } from './set-members.ts'

test.each([
  ['{"model":"a"}', '{"model":"b"}'],
  ['{ "model" : "a" , "n":1.0 }', '{ "model" : "b" , "n":1.0 }'],
  ['{"seed":12345678901234567890,"model":"a"}', '{"seed":12345678901234567890,"model":"b"}'],
  ['{"x":1,"x":2,"model":"a","model":"c"}', '{"x":1,"x":2,"model":"b","model":"b"}'],
  ['{"mod\\u0065l":"a"}', '{"mod\\u0065l":"b"}'],
  ['{"tools":[{"model":"a"}],"model":"a"}', '{"tools":[{"model":"a"}],"model":"b"}'],
  ['{"a":"\\\\\\"}","model":"a"}', '{"a":"\\\\\\"}","model":"b"}'],
  ['\n{\t"model":{"a":["]}"]} }\n', '\n{\t"model":"b" }\n'],
  ['{}', '{"model":"b"}'],
  ['{ "a": "}" }', '{"model":"b", "a": "}" }'],
  ['{"a":-1.5e+10}', '{"model":"b","a":-1.5e+10}'],
])('%s becomes %s', (text, expected) => {
  expect(setMembers(text, { model: 'b' })).toBe(expected)
})

test('nothing is set where nothing is given', () => {
  expect(setMembers('{"a":1}', {})).toBe('{"a":1}')
})

test('what is set says what was given, and all else what it said', () => {
  const spaces = fc.constantFrom(undefined, 1, '\t')
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.jsonValue()),
      fc.string(),
      spaces,
      (body, model, space) => {
        const set = { model, stream_options: { include_usage: true } }
        for (const given of [body, { ...body, model: body }]) {
          const text = JSON.stringify(given, null, space)
          expect(JSON.parse(setMembers(text, set))).toEqual({ ...JSON.parse(text), ...set })
        }
      },
    ),
  )
})

test('ten megabytes, many members and many levels take no longer than others', () => {
  const long = `{"messages":["${'\\"x'.repeat(3_000_000)}"],"model":"a"}`
  expect(setMembers(long, { model: 'b' })).toHaveLength(long.length)
  const wide = `{${'"a":1,'.repeat(300_000)}"model":"a"}`
  expect(setMembers(wide, { model: 'bb' })).toHaveLength(wide.length + 1)
  const numbers = `{"prompt":[${'1,'.repeat(4_000_000)}1],"model":"a"}`
  expect(setMembers(numbers, { model: 'bb' })).toHaveLength(numbers.length + 1)
  const deep = `{"x":${'['.repeat(100_000)}${']'.repeat(100_000)},"model":"a"}`
  expect(setMembers(deep, { model: 'bb' })).toHaveLength(deep.length + 1)
})
