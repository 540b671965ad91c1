import { expect, test } from 'vitest'
import {
  readQuery,
  readViews,
  removeView,
  renameView,
  saveView,
  writeQuery,
} from './saved-views.ts'

const trouble = { name: 'Trouble', query: 'status=attention' }
const mine = { name: 'Mine', query: 'owner=me' }

test('a view is the query of an address, whatever the order of its fields', () => {
  const query = writeQuery({ status: 'attention', model: 'Qwen/Qwen3-8B', owner: 'me' })
  expect(query).toBe(writeQuery({ owner: 'me', model: 'Qwen/Qwen3-8B', status: 'attention' }))
  expect(readQuery(query)).toEqual({ owner: 'me', model: 'Qwen/Qwen3-8B', status: 'attention' })
})

test('views stand by their names, and a name that is taken is taken over', () => {
  const views = saveView(saveView([], trouble), mine)
  expect(views.map(({ name }) => name)).toEqual(['Mine', 'Trouble'])
  expect(saveView(views, { name: 'Mine', query: 'owner=me&q=llama' })).toEqual([
    { name: 'Mine', query: 'owner=me&q=llama' },
    trouble,
  ])
})

test('a view is renamed and removed', () => {
  const views = [mine, trouble]
  expect(renameView(views, 'Mine', 'Zebra')).toEqual([trouble, { ...mine, name: 'Zebra' }])
  expect(renameView(views, 'None', 'Zebra')).toBe(views)
  expect(removeView(views, 'Mine')).toEqual([trouble])
})

test('of what is stored, only whole views count', () => {
  expect(readViews([mine, { name: 'Half' }, null, 'text'])).toEqual([mine])
  expect(readViews({ name: 'Mine' })).toEqual([])
})
