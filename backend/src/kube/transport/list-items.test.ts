import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { describeBytes, readListItems } from './list-items.ts'
import type { KubeObject } from '../objects.ts'

const large = { bytesMax: 1_000_000, itemBytesMax: 100_000 }

describe('readListItems', () => {
  it('H1: gives each item and the rest of the list, however the bytes are cut', async () => {
    const items = [
      { metadata: { name: 'a', labels: { 'items"': '[{]},' } } },
      { spec: { items: [1, [2], { items: [] }], text: 'back\\slash " ü 🚀 \u2028' } },
      {},
    ]
    const list = { kind: 'List', other: { items: [9] }, metadata: { resourceVersion: '5' } }
    const text = JSON.stringify({ ...list, items, last: 'items' }, null, 1)
    for (let size = 1; size < 40; size += 1) {
      const run = await read(text, size)
      expect(run.items).toEqual(items)
      expect(run.list).toEqual({ ...list, items: [], last: 'items' })
    }
  })

  it('H1: reads what JSON.parse reads, of any list', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.dictionary(fc.string(), fc.jsonValue())),
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.integer({ min: 1, max: 64 }),
        async (items, rest, size) => {
          const text = JSON.stringify({ metadata: { rest }, items })
          const run = await read(text, size)
          expect(run.items).toEqual(JSON.parse(JSON.stringify(items)))
        },
      ),
    )
  })

  it.each([
    ['', 'protocol'],
    ['no json', 'protocol'],
    ['[]', 'protocol'],
    ['{"items":[{"a":1}', 'protocol'],
    ['{"items":[{"a":}]}', 'protocol'],
    ['{"items":[{}]}}', 'protocol'],
  ])('H1: refuses %j', async (text, kind) => {
    await expect(read(text, 5)).rejects.toMatchObject({ kind })
  })

  it('H1: leaves out what is not an object, and takes null for none', async () => {
    expect((await read('{"items":[null, 7, "x", [1], {"a":1}]}', 4)).items).toEqual([{ a: 1 }])
    expect(await read('{"items":null}', 4)).toEqual({ items: [], list: { items: null } })
  })

  it.each([
    ['one item without end', `{"items":[{"a":"${'x'.repeat(2_000)}`],
    ['blanks without end', `{"items":[${' '.repeat(2_000)}`],
    ['a list about itself', `{"metadata":{"x":"${'x'.repeat(2_000)}"},"items":[]}`],
  ])('H1: ends at %s', async (_, text) => {
    await expect(read(text, 100, { bytesMax: 100_000, itemBytesMax: 1_000 })).rejects.toMatchObject(
      {
        kind: 'too-much',
        message: 'has an object of more than 1000 bytes',
      },
    )
  })

  it('H1: ends at a list that is longer than its bound, after no more than that', async () => {
    let sent = 0
    const endless = async function* () {
      yield Buffer.from('{"items":[')
      for (;;) {
        sent += 1
        yield Buffer.from('{"a":1},')
      }
    }
    const reading = readListItems(endless(), { bytesMax: 1024, itemBytesMax: 64, onItem: () => {} })
    await expect(reading).rejects.toMatchObject({ message: 'answers a list with more than 1 KiB' })
    expect(sent).toBeLessThan(200)
  })

  it('H1: waits for whoever takes an item, and counts every byte', async () => {
    const seen: number[] = []
    let isBusy = false
    const text = '{"items":[{"a":1}, {"b":2} ]}'
    await readListItems(cut(text, 3), {
      ...large,
      onItem: async (_, bytes) => {
        expect(isBusy).toBe(false)
        isBusy = true
        await new Promise((resolve) => setImmediate(resolve))
        isBusy = false
        seen.push(bytes)
      },
    })
    expect(seen).toEqual([17, 10])
  })
})

describe('describeBytes', () => {
  it('says the largest unit that is whole', () => {
    expect([1, 1024, 1536, 2 ** 25, 2 ** 32].map(describeBytes)).toEqual([
      '1 bytes',
      '1 KiB',
      '1536 bytes',
      '32 MiB',
      '4 GiB',
    ])
  })
})

async function read(text: string, size: number, bounds = large) {
  const items: KubeObject[] = []
  const list = await readListItems(cut(text, size), {
    ...bounds,
    onItem: (item) => void items.push(item),
  })
  return { items, list }
}

async function* cut(text: string, size: number) {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}
