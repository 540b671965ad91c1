import { expect, test } from 'vitest'
import { hidePassword, hidePasswordsOf } from './hide-password.ts'

test.each([
  ['https://ada:pw@id.example.com/x', 'https://…@id.example.com/x'],
  ['ada:pw@id.example.com', '…@id.example.com'],
  ['https://ada:p@w@id.example.com', 'https://…@id.example.com'],
  ['https://ada:p//w@id.example.com', 'https://…@id.example.com'],
  ['https://ada:p\nw@id.example.com', 'https://…@id.example.com'],
  ['p\nhttps://ada:w@id.example.com', 'p\nhttps://…@id.example.com'],
  ['https://id.example.com/x', 'https://id.example.com/x'],
])('of %j the log says %j', (text, shown) => {
  expect(hidePassword(text)).toBe(shown)
})

test.each([
  [
    'https://ada:p,w@id.example.com,x',
    ['https://ada:p', 'w@id.example.com', 'x'],
    ['…', '…@id.example.com', '…'],
  ],
  ['https://id.example.com,x', ['https://id.example.com', 'x'], ['https://id.example.com', 'x']],
])('of %j the parts are shown as they may be', (setting, parts, shown) => {
  expect(parts.map(hidePasswordsOf(setting))).toEqual(shown)
})
