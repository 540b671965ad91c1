import { UnstyledButton } from '@mantine/core'
import {
  Suspense,
  useState,
  type ButtonHTMLAttributes,
  type ReactElement,
  type ReactNode,
} from 'react'
import classes from './menu-button.module.css'

/** What a menu is given: the button that it hangs on, and whether it is open. */
export interface MenuContentProps {
  target: ReactElement
  opened: boolean
  onChange: (opened: boolean) => void
}

/** What makes a button open its menu. */
type OpenerProps = Pick<
  ButtonHTMLAttributes<HTMLButtonElement>,
  'aria-label' | 'aria-haspopup' | 'aria-expanded' | 'onPointerEnter' | 'onFocus' | 'onClick'
>

export interface MenuButtonProps {
  label: string
  /** What stands on the quiet button; or another button with what makes it open the menu. */
  button?: ReactNode
  renderButton?: (props: OpenerProps) => ReactElement
  /** What opens: a menu, which hears of presses by itself, where nothing is said. */
  popup?: 'menu' | 'dialog' | 'listbox'
  /** Somebody is about to open it. */
  onIntent: () => void
  /** The menu, which may be loaded when it is first shown. */
  children: (menu: MenuContentProps) => ReactNode
}

/** A button that opens a menu, a list to choose from, or a small dialog. */
export function MenuButton({
  label,
  button,
  renderButton,
  popup = 'menu',
  onIntent,
  children,
}: MenuButtonProps) {
  const [wanted, setWanted] = useState(false)
  const [opened, setOpened] = useState(false)
  const props: OpenerProps = {
    'aria-label': label,
    'aria-haspopup': popup,
    'aria-expanded': opened,
    onPointerEnter: onIntent,
    onFocus: onIntent,
    ...((!wanted || popup !== 'menu') && {
      onClick: () => {
        setWanted(true)
        setOpened(!opened)
      },
    }),
  }
  const target = renderButton?.(props) ?? (
    <UnstyledButton className={classes.button} {...props}>
      {button}
    </UnstyledButton>
  )
  if (!wanted) return target
  return <Suspense fallback={target}>{children({ target, opened, onChange: setOpened })}</Suspense>
}
