import { expect, test, vi } from 'vitest'
import { createKeeper } from './kept-for.tsx'

test('of several that offer a dialog one shows it, until that one is done', () => {
  const keeper = createKeeper('oidc:admin')
  const listener = vi.fn<() => void>()
  const stop = keeper.subscribe(listener)
  keeper.show('mapping', 'narrow')
  keeper.show('mapping', 'wide')
  keeper.show('refusal', 'wide')
  expect(['narrow', 'wide'].map((by) => keeper.isShown('mapping', by))).toEqual([true, false])
  expect(keeper.isShown('refusal', 'wide')).toBe(true)
  keeper.hide('mapping', 'wide')
  expect(keeper.isShown('mapping', 'narrow')).toBe(true)
  keeper.hide('mapping', 'narrow')
  keeper.show('mapping', 'wide')
  expect(keeper.isShown('mapping', 'wide')).toBe(true)
  expect(listener).toHaveBeenCalledTimes(4)
  stop()
  keeper.hide('mapping', 'wide')
  expect(listener).toHaveBeenCalledTimes(4)
})
