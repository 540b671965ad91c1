import { Textarea } from '@mantine/core'
import type { FieldError } from '@hub/shared'
import { useRef } from 'react'
import type { Draft } from './draft.ts'
import { editYaml, placeInText, readYaml, writeYaml, type TextFault } from './manifest-yaml.ts'
import { PlainButton } from '../../../components/plain-button.tsx'
import classes from './editor.module.css'

/** A text as it was typed; `isRead` where it is a manifest. */
export interface TypedText {
  text: string
  isRead: boolean
}

export interface YamlEditorProps {
  draft: Draft
  /** As it was typed before; null where it was not. */
  typed: TypedText | null
  errors: readonly FieldError[]
  onChange: (typed: TypedText, draft: Draft | null) => void
}

/** The same object as text. What cannot be read yet stays as it is typed, and is said at its line. */
export function YamlEditor({ draft, typed, errors, onChange }: YamlEditorProps) {
  const element = useRef<HTMLTextAreaElement>(null)
  const text = textOf(draft, typed)
  const read = readYaml(text)
  const faults = read.draft === null ? read.faults : placeInText(text, errors)
  return (
    <div className={classes.yaml}>
      <div className={classes.paper}>
        <LineNumbers count={text.split('\n').length} faults={faults} />
        <Textarea
          ref={element}
          aria-label="Manifest as YAML"
          aria-invalid={faults.length > 0}
          aria-describedby="yaml-faults"
          autosize
          minRows={14}
          wrap="off"
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
          classNames={{ root: classes.text, input: classes.textInput }}
          value={text}
          onChange={({ currentTarget: { value } }) => {
            const next = readYaml(value)
            onChange({ text: value, isRead: next.draft !== null }, next.draft)
          }}
        />
      </div>
      <output id="yaml-faults" className={classes.faults}>
        {faults.map(({ detail, line }) => (
          <PlainButton
            key={`${line} ${detail}`}
            className={classes.fault}
            onClick={() => selectLine(element.current, line)}
          >
            Line {line}: {detail}
          </PlainButton>
        ))}
      </output>
    </div>
  )
}

function LineNumbers({ count, faults }: { count: number; faults: readonly TextFault[] }) {
  const wrong = new Set(faults.map(({ line }) => line))
  return (
    <div className={classes.lines} aria-hidden>
      {Array.from({ length: count }, (_, index) => (
        <span key={index} data-wrong={wrong.has(index + 1) || undefined}>
          {index + 1}
        </span>
      ))}
    </div>
  )
}

/** What was typed, with what the form has changed since. */
function textOf(draft: Draft, typed: TypedText | null): string {
  if (typed === null) return writeYaml(draft)
  return typed.isRead ? editYaml(typed.text, draft) : typed.text
}

function selectLine(element: HTMLTextAreaElement | null, line: number): void {
  if (element === null) return
  const before = element.value.split('\n').slice(0, line - 1)
  const start = before.reduce((sum, each) => sum + each.length + 1, 0)
  const end = element.value.indexOf('\n', start)
  element.focus()
  element.setSelectionRange(start, end === -1 ? element.value.length : end)
}
