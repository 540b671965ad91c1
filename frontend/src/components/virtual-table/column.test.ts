import { expect, test } from 'vitest'
import { fitColumns, readColumnChoice, toTracks, type Column } from './column.ts'

const render = () => null
const columns: Column<string>[] = [
  { id: 'name', label: 'Name', width: 200, grow: 2, isFixed: true, render },
  { id: 'status', label: 'Status', width: 100, render },
  { id: 'engine', label: 'Engine', width: 100, render },
  { id: 'runtime', label: 'Runtime', width: 100, isExtra: true, render },
]
const fit = (room: number, choice = {}) => fitColumns(columns, choice, room).map(({ id }) => id)

test('the last columns leave first where there is little room, and what names a row never does', () => {
  expect(fit(400)).toEqual(['name', 'status', 'engine'])
  expect(fit(399)).toEqual(['name', 'status'])
  expect(fit(50)).toEqual(['name'])
})

test('somebody may add a column and take one away, but not what names a row', () => {
  expect(fit(900, { runtime: true, status: false, name: false })).toEqual([
    'name',
    'engine',
    'runtime',
  ])
})

test('of what is stored, only a yes or no counts', () => {
  expect(readColumnChoice({ engine: false, status: 'yes' })).toEqual({ engine: false })
  expect(readColumnChoice(undefined)).toEqual({})
})

test('a column that grows takes at least its width', () => {
  expect(toTracks(columns.slice(0, 2))).toBe('minmax(200px, 2fr) 100px')
})
