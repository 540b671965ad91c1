import { expect, test } from 'vitest'
import { questionFor } from './is-screen-locked.ts'

const plist = (value: string) =>
  `<array><dict><key>CGSSessionScreenIsLocked</key>\n\t<${value}/><key>kCGSSessionOnConsoleKey</key><true/></dict></array>`

test.each([
  ['linux', 'yes\n', true],
  ['linux', 'no\n', false],
  ['darwin', plist('true'), true],
  ['darwin', plist('false'), false],
  ['darwin', '<array></array>', false],
])('on %s, %j says that the screen is locked: %s', (platform, answer, isLocked) => {
  expect(questionFor(platform, {})!.isYes.test(answer)).toBe(isLocked)
})

test('Linux is asked of the session that this runs in, and of the own one where none is named', () => {
  expect(questionFor('linux', { XDG_SESSION_ID: '7' })!.command).toContain('7')
  expect(questionFor('linux', {})!.command).toContain('auto')
  expect(questionFor('win32', {})).toBeNull()
})
