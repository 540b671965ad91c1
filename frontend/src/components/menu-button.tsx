import { UnstyledButton } from '@mantine/core'
import { Suspense, useState, type ReactElement, type ReactNode } from 'react'
import classes from './menu-button.module.css'

/** What a menu is given: the button that it hangs on, and whether it is open. */
export interface MenuContentProps {
  target: ReactElement
  opened: boolean
  onChange: (opened: boolean) => void
}

export interface MenuButtonProps {
  label: string
  button: ReactNode
  /** What opens: a menu, where nothing is said. */
  popup?: 'menu' | 'dialog'
  /** Somebody is about to open it. */
  onIntent: () => void
  /** The menu, which may be loaded when it is first shown. */
  children: (menu: MenuContentProps) => ReactNode
}

/** A button that opens a menu, or a small dialog. */
export function MenuButton({ label, button, popup = 'menu', onIntent, children }: MenuButtonProps) {
  const [wanted, setWanted] = useState(false)
  const [opened, setOpened] = useState(false)
  const target = (
    <UnstyledButton
      className={classes.button}
      aria-label={label}
      aria-haspopup={popup}
      aria-expanded={opened}
      onPointerEnter={onIntent}
      onFocus={onIntent}
      {...(!wanted && {
        onClick: () => {
          setWanted(true)
          setOpened(true)
        },
      })}
    >
      {button}
    </UnstyledButton>
  )
  if (!wanted) return target
  return <Suspense fallback={target}>{children({ target, opened, onChange: setOpened })}</Suspense>
}
