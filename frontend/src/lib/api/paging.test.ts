import { expect, test } from 'vitest'
import { byCursor, pageQuery } from './paging.ts'

test('the first page is asked for without a cursor, and the last one has no next', () => {
  expect(pageQuery(50, byCursor.initialPageParam)).toEqual({ limit: '50' })
  expect(pageQuery(50, byCursor.getNextPageParam({ next: 'c1' }))).toEqual({
    limit: '50',
    cursor: 'c1',
  })
  expect(byCursor.getNextPageParam({ next: null })).toBeUndefined()
})
