import { SegmentedControl, Skeleton, Stack } from '@mantine/core'
import type { FieldError } from '@hub/shared'
import { Suspense, useMemo, type ReactNode } from 'react'
import { lazyNamed } from '../../../components/lazy-named.ts'
import { DraftContext } from './draft-fields.ts'
import type { DraftState } from './use-draft.ts'

const YamlEditor = lazyNamed(() => import('./yaml-editor.tsx'), 'YamlEditor')

export interface DraftEditorProps {
  state: DraftState
  errors: readonly FieldError[]
  onLeave: (pointer: string) => void
  lockOf?: (pointer: string) => string | null
  /** The form. */
  children: ReactNode
}

const free = () => null

/** The form and the YAML of one object, one of them at a time. */
export function DraftEditor({ children, errors, lockOf = free, onLeave, state }: DraftEditorProps) {
  const { draft, isReadable, mode, setDraft, setMode, setText, typed } = state
  const fields = useMemo(
    () => ({ draft, errors, lockOf, onLeave, onChange: setDraft }),
    [draft, errors, lockOf, onLeave, setDraft],
  )
  return (
    <Stack gap="md">
      <SegmentedControl
        aria-label="Write it as"
        size="xs"
        style={{ alignSelf: 'start' }}
        data={[
          { value: 'form', label: 'Form', disabled: !isReadable },
          { value: 'yaml', label: 'YAML' },
        ]}
        value={mode}
        onChange={(next) => setMode(next === 'yaml' ? 'yaml' : 'form')}
      />
      {mode === 'yaml' ? (
        <Suspense fallback={<Skeleton height={320} aria-hidden />}>
          <YamlEditor draft={draft} typed={typed} errors={errors} onChange={setText} />
        </Suspense>
      ) : (
        <DraftContext value={fields}>{children}</DraftContext>
      )}
    </Stack>
  )
}
