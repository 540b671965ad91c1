import { describe, expect, test } from 'vitest'
import { readMessages } from './read-file.ts'
import { readList, writeList } from './write-list.ts'

test('docs/messages.md has every sentence as the source has it; else run "bun run messages"', () => {
  expect(readList()).toBe(writeList())
})

describe('what is collected', () => {
  const read = (source: string) => readMessages('a.tsx', source).map(({ text }) => text)

  test('a line of the portal is one sentence, with what is filled in left open', () => {
    const source = `const a = <p>Sign out <b>{name}</b>, seen <RelativeTime at={at} />{' '}
      today.</p>`
    expect(read(source)).toEqual(['Sign out …, seen … today.'])
  })

  test('so is what people read of props, choices and notices', () => {
    const source = `
      const a = <Field label="name" className="wide and tall" data={['one or two']}>{isOn ? 'on' : 'off'}</Field>
      notify({ title: 'Copied', message: \`\${name} is on the clipboard\` })
      const b = 'One that ' + kind + ' does not know'`
    expect(read(source)).toEqual([
      'name',
      'one or two',
      'on',
      'off',
      'Copied',
      '… is on the clipboard',
      'One that … does not know',
    ])
  })

  test('a problem is told by its code', () => {
    const source = `throw new AppError('conflict', { detail: 'It is there. Choose another name.' })`
    expect(readMessages('a.ts', source)).toEqual([
      { text: 'It is there. Choose another name.', code: 'conflict' },
    ])
  })

  test('a page that is written as HTML is read line by line', () => {
    const source =
      'const a = `<h1>${title}</h1><p>Open <code>x</code> now.</p><style>a b { c }</style>`'
    expect(read(source)).toEqual(['Open x now.'])
  })

  test('what programs read is not: names, logs, queries, headers, errors of programmers', () => {
    const source = `
      import a from 'some module of ours'
      log.warn({ at }, 'it did not work')
      if (kind === 'One of them') throw new Error('never here')
      const b = sql\`select all of it\`
      const c = { name: 'Access file', headers: 'text/css; charset=utf-8', 'a key here': 1 }
      type D = 'one or other'
      const className = isFirst ? 'button primary' : 'button'
      const e = { id: \`token-calls \${id}\`, key: \`file \${name}\` }
      const f = target.closest('input, textarea')
      const g = \`<div>\${''}</div>\`, h = ' role="alert" autofocus', i = \`clamp_max(\${a} / \${b})\`
      const j = <p>{isBad && <Button {...(isLast && { color: 'red.9' })} />}</p>`
    expect(read(source)).toEqual([])
  })
})
