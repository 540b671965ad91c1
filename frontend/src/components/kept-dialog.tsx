import { Modal, type ModalProps } from '@mantine/core'
import { createContext, use, useEffect, useId, useState, useSyncExternalStore } from 'react'
import { readKept } from '../lib/kept.ts'
import { useKeeper } from './kept-for.tsx'
import { keepFields, type Fields, type KeptFields } from './kept-fields.ts'

export interface DialogState {
  opened: boolean
  open: () => void
  /** With fields that it begins with. */
  openWith: (begun: Fields) => void
  /** It is sent, or given up. */
  close: () => void
  fields: KeptFields
}

const FieldsContext = createContext<KeptFields | null>(null)

/**
 * A dialog that somebody writes in. It is kept in the tab, and open again with all that was written, when its page went
 * away and came back: for another sign-in, another version of the portal, or another page. `name` is what is written about.
 */
export function useKeptDialog(name: string): DialogState {
  const keeper = useKeeper()
  const id = useId()
  const key = `hub-dialog-1:${keeper.person}:${name}`
  const opened = useSyncExternalStore(keeper.subscribe, () => keeper.isShown(key, id))
  const [begun, setBegun] = useState(() => beginAt(key))
  if (begun.key !== key) setBegun(beginAt(key))
  useEffect(() => {
    if (readKept(key) !== null) keeper.show(key, id)
    return () => keeper.hide(key, id)
  }, [id, keeper, key])
  const openWith = (fields: Fields) => {
    setBegun({ key, fields: keepFields(key, fields) })
    keeper.show(key, id)
  }
  return {
    opened,
    fields: begun.fields,
    open: () => openWith({}),
    openWith,
    close: () => {
      begun.fields.end()
      setBegun({ key, fields: keepFields(key, {}) })
      keeper.hide(key, id)
    },
  }
}

function beginAt(key: string) {
  return { key, fields: keepFields(key, readKept(key) ?? {}) }
}

export interface KeptDialogProps extends Omit<ModalProps, 'opened' | 'onClose'> {
  dialog: Pick<DialogState, 'close' | 'fields' | 'opened'>
}

/** The window around the form. */
export function KeptDialog({ dialog, children, ...modal }: KeptDialogProps) {
  const { close, fields, opened } = dialog
  useEffect(() => {
    if (!opened) return undefined
    window.addEventListener('pagehide', leaveField)
    return () => window.removeEventListener('pagehide', leaveField)
  }, [opened])
  return (
    <Modal {...modal} opened={opened} onClose={close}>
      {/* While it closes, its form is there, and is over. */}
      <FieldsContext value={opened ? fields : null}>{children}</FieldsContext>
    </Modal>
  )
}

/** One of several names counts once its field is left: whoever is taken away while they type it keeps it too. */
function leaveField(): void {
  if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
}

/** A field of the form in a dialog: `useState`, but kept. */
export function useKept<Value>(
  field: string,
  initial: Value,
): readonly [Value, (value: Value) => void] {
  const fields = use(FieldsContext)
  const [value, setValue] = useState(() => fields?.read(field, initial) ?? initial)
  const change = (next: Value) => {
    setValue(next)
    fields?.write(field, next)
  }
  return [value, change]
}

/** What is said at the field of a secret that was given before the page went away. */
export const secretMissing = 'Give it again: secrets are not kept.'

/** A secret is kept nowhere, only that there was one: whoever comes back is told to give it again. */
export function useKeptSecret(field: string) {
  const [isGiven, setGiven] = useKept(field, false)
  const [secret, setSecret] = useState('')
  return {
    secret,
    isMissing: isGiven && secret === '',
    change: (next: string) => {
      setSecret(next)
      setGiven(next !== '')
    },
  }
}

/** For what is sent while its dialog stays open. */
export function useEndKept(): () => void {
  const fields = use(FieldsContext)
  return () => fields?.end()
}
