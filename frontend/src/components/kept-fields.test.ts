import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { forgetKept, keepFor, readKept } from '../lib/kept.ts'
import { keepFields } from './kept-fields.ts'

const key = 'hub-dialog-1:oidc:viewer:ask'

/** A tab's storage, with room for so many characters. */
function stubStorage(room = Infinity): Map<string, string> {
  const kept = new Map<string, string>()
  vi.stubGlobal('sessionStorage', {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, text: string) => {
      if (text.length > room) throw new DOMException('full', 'QuotaExceededError')
      kept.set(name, text)
    },
    removeItem: (name: string) => kept.delete(name),
    clear: () => kept.clear(),
  })
  return kept
}

let kept: Map<string, string>
beforeEach(() => {
  kept = stubStorage()
})
afterEach(() => {
  vi.unstubAllGlobals()
})

/** As the page has it that comes after this one. */
const readAgain = () => keepFields(key, readKept(key) ?? {})

describe('what is written in a dialog', () => {
  test('is kept with each change, beside what the dialog began with', () => {
    const fields = keepFields(key, { template: { id: 'small' } })
    expect(readKept(key)).toBe(null)
    fields.write('reason', 'To see')
    fields.write('reason', 'To see why')
    fields.write('names', ['a', 'b'])
    const again = readAgain()
    expect(again.read('template', null)).toEqual({ id: 'small' })
    expect(again.read('reason', '')).toBe('To see why')
    expect(again.read<string[]>('names', [])).toEqual(['a', 'b'])
    expect(again.read('other', 'as it was')).toBe('as it was')
  })

  test('is forgotten when it ends, also what a field says on its way out', () => {
    const fields = keepFields(key, {})
    fields.write('reason', 'To see')
    fields.end()
    fields.write('names', ['left over'])
    expect([...kept.keys()]).toEqual([])
  })

  test.each([
    ['', ['a']],
    ['', 7],
    [[], 'a'],
    [[], { 0: 'a' }],
    [{ a: '' }, ['a']],
    [{ a: '' }, null],
    [false, 'true'],
  ])('begins as %j where another version of the page kept %j', (initial, of) => {
    kept.set(key, JSON.stringify({ field: of }))
    expect(readAgain().read<unknown>('field', initial)).toEqual(initial)
  })

  test('has what a newer form asks for besides', () => {
    kept.set(key, JSON.stringify({ scope: { role: 'admin' } }))
    expect(readAgain().read('scope', { role: 'viewer', until: '' })).toEqual({
      role: 'admin',
      until: '',
    })
  })

  test.each(['', 'null', '7', '"text"', '["a"]', '{"a":'])(
    'is nothing where %j is kept',
    (text) => {
      kept.set(key, text)
      expect(readKept(key)).toBe(null)
    },
  )
})

describe('a browser that stores nothing', () => {
  test('keeps what is written for as long as the page is there', () => {
    vi.stubGlobal('sessionStorage', undefined)
    keepFor('oidc:viewer')
    const fields = keepFields(key, readKept(key) ?? {})
    fields.write('reason', 'To see')
    expect(fields.read('reason', '')).toBe('To see')
    fields.end()
    forgetKept()
    expect(readKept(key)).toBe(null)
  })

  test('keeps what it had before it was full', () => {
    kept = stubStorage(40)
    const fields = keepFields(key, {})
    fields.write('reason', 'To see')
    fields.write('reason', 'To see'.repeat(20))
    expect(fields.read('reason', '')).toBe('To see'.repeat(20))
    expect(readAgain().read('reason', '')).toBe('To see')
  })
})

describe('a tab in which somebody else signs in', () => {
  test('holds nothing more of what was written, and all of it for the same person', () => {
    keepFor('oidc:viewer')
    keepFields(key, {}).write('reason', 'To see')
    keepFor('oidc:viewer')
    expect(readAgain().read('reason', '')).toBe('To see')
    keepFor('oidc:admin')
    expect(readKept(key)).toBe(null)
    keepFor('oidc:viewer')
    expect(readKept(key)).toBe(null)
  })

  test('holds nothing after somebody has signed out', () => {
    keepFields(key, {}).write('reason', 'To see')
    forgetKept()
    expect([...kept]).toEqual([])
  })
})
