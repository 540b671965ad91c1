import { expect, test } from 'vitest'
import { parse } from 'yaml'
import type { Draft } from './draft.ts'
import { setAt } from './draft.ts'
import { editYaml, placeInText, readYaml, writeYaml } from './manifest-yaml.ts'

const text = `# ours
apiVersion: airunway.ai/v1alpha1
kind: ModelDeployment
metadata:
  name: llama # the name
spec:
  model:
    id: a/b
  future: [1, 2]
  scaling:
    replicas: 1
`

function draftOf(yaml: string): Draft {
  const { draft } = readYaml(yaml)
  if (draft === null) throw new Error('It is no manifest.')
  return draft
}

test('what is written can be read again', () => {
  const draft = draftOf(text)
  expect(draftOf(writeYaml(draft))).toEqual(draft)
})

test.each(['no', 'on', 'y', '0o17', '1_000', '12:30', 'a\u2028b'])(
  'the text %j is the same to kubectl, as it is written and as it is edited',
  (value) => {
    const spec = { ...draftOf(text).spec, env: [{ name: value, value }] }
    const draft = { ...draftOf(text), spec }
    for (const written of [writeYaml(draft), editYaml(text, draft)]) {
      expect(parse(written, { version: '1.1' })).toMatchObject({ spec })
      expect(draftOf(written)).toMatchObject({ spec })
    }
    const typed = `${text}  env: [{ name: A, value: yes }]\n`
    const edited = editYaml(typed, setAt(draftOf(typed), '/spec/scaling/replicas', 4))
    expect(parse(edited, { version: '1.1' })).toMatchObject({
      spec: { env: [{ name: 'A', value: 'yes' }] },
    })
  },
)

test('a change of the form keeps comments, and what the form does not know', () => {
  const draft = setAt(draftOf(text), '/spec/scaling/replicas', 4)
  expect(editYaml(text, draft)).toBe(text.replace('replicas: 1', 'replicas: 4'))
})

test('a field that the form empties goes from the text', () => {
  const draft = setAt(draftOf(text), '/spec/scaling/replicas', undefined)
  expect(editYaml(text, draft)).not.toContain('scaling')
  expect(editYaml(text, draft)).toContain('# the name')
})

test('a text that says the same stays as it was typed', () => {
  expect(editYaml(text, draftOf(text))).toBe(text)
})

test.each([
  ['a broken line', text.replace('id: a/b', 'id: a: b'), 8],
  ['a name twice', `${text}kind: Other\n`, 12],
  ['several documents', `${text}---\n${text}`, 12],
  ['an alias', `${text}  a: &a 1\n  b: *a\n`, 13],
  ['a list', '- 1\n', 1],
  ['no kind', 'apiVersion: airunway.ai/v1alpha1\n', 1],
  ['a spec that is not an object', text.replace(/spec:[^]*/, 'spec: 3\n'), 6],
])('%s is said at its line', (_, given, line) => {
  const { draft, faults } = readYaml(given)
  expect(draft).toBeNull()
  expect(faults[0]?.line).toBe(line)
})

test('a text of more than 2 MB is not read', () => {
  expect(readYaml(`a: ${'x'.repeat(2 * 1024 * 1024)}`).faults[0]?.detail).toContain('2 MB')
})

test('errors stand at the lines of their fields, or of what these would be in', () => {
  const at = (pointer: string) => placeInText(text, [{ pointer, detail: 'is wrong' }])[0]?.line
  expect(at('/spec/scaling/replicas')).toBe(11)
  expect(at('/spec/model/source')).toBe(7)
  expect(at('/metadata/name')).toBe(5)
  expect(at('/nowhere')).toBe(1)
})
