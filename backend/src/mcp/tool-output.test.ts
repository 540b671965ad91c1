import * as z from 'zod'
import { expect, test } from 'vitest'
import { keepJson } from '#operation'
import { readToolOutput } from './tool-output.ts'
import { toResult, writeResult } from './tool-result.ts'

const tool = { name: 'list_things', description: '' }
const schema = z.looseObject({})
const paths = [['name'], ['status', 'phase']]
const clean = { items: [{ name: 'a "b" \\ ü', status: { phase: 'Ready', more: 1 } }], next: null }
const unclean = {
  items: [{ name: 'a\u202E\u001B[31mb', status: { phase: 'x'.repeat(20_000) } }],
  'na\u200Bme': 1,
}

/** The same page as memory keeps it, and as an operation answers it. */
const readBoth = async (value: object, fields: Parameters<typeof readToolOutput>[2]) => {
  const kept = keepJson(JSON.stringify(value))
  return [
    await readToolOutput({ output: { kept: schema }, tool }, kept, fields),
    // Once more, from what was read before.
    await readToolOutput({ output: { kept: schema }, tool }, kept, fields),
    await readToolOutput({ output: schema, tool }, value, fields),
  ] as const
}

const wordOf = (text: string) => /<data (\S+)>/.exec(text)![1]!
const joined = (pieces: readonly (string | Uint8Array)[]) =>
  Buffer.concat(pieces.map((piece) => Buffer.from(piece))).toString()

test.each([
  ['clean', clean, null],
  ['clean', clean, { paths, isStandard: true }],
  ['clean', clean, { paths, isStandard: false }],
  ['unclean', unclean, null],
  ['unclean', unclean, { paths, isStandard: true }],
  ['unclean', unclean, { paths, isStandard: false }],
] as const)('what is kept is read as what is not: %s, %j', async (_, value, fields) => {
  const [kept, again, plain] = await readBoth(value, fields)
  expect(kept.text()).toBe(plain.text())
  expect(kept.structured!()).toEqual(plain.structured!())
  expect(again.text()).toBe(plain.text())
  for (const output of [kept, again]) {
    const written = joined(writeResult({ output }))
    const word = wordOf(written)
    const result = JSON.stringify(toResult({ output: plain }))
    expect(JSON.parse(written)).toEqual(JSON.parse(result.replaceAll(wordOf(result), word)))
  }
})

test('a page that is kept is picked from anew for other fields', async () => {
  const kept = keepJson(JSON.stringify(clean))
  const read = async (fields: Parameters<typeof readToolOutput>[2]) =>
    JSON.parse((await readToolOutput({ output: { kept: schema }, tool }, kept, fields)).text())
  expect(await read({ paths, isStandard: true })).toMatchObject({ items: [{ status: {} }] })
  const named = await read({ paths: [['name']], isStandard: false })
  expect(named).toEqual({ items: [{ name: clean.items[0]!.name }], next: null })
  expect(await read(null)).toEqual(clean)
})

test('every answer has a fence of its own, of the same page too', async () => {
  const [output] = await readBoth(clean, null)
  const words = Array.from({ length: 50 }, () => [
    wordOf(joined(writeResult({ output }))),
    wordOf(JSON.stringify(toResult({ output }))),
  ]).flat()
  expect(new Set(words).size).toBe(100)
  expect(words.every((word) => /^[0-9a-f]{32}$/.test(word))).toBe(true)
})

test('says as whom clusters were asked, whatever the answer is', async () => {
  const [output] = await readBoth(clean, null)
  const meta = { 'kubeairunway.ai/cluster-users': { prod: 'hub:a' } }
  expect(JSON.parse(joined(writeResult({ output, meta })))).toMatchObject({ _meta: meta })
  const failed = { output: { text: () => 'no', structured: null }, isError: true, meta } as const
  expect(JSON.parse(joined(writeResult(failed)))).toEqual({
    content: [{ type: 'text', text: 'no' }],
    isError: true,
    _meta: meta,
  })
})
