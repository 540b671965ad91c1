import {
  Suspense,
  useState,
  type ButtonHTMLAttributes,
  type ReactElement,
  type ReactNode,
} from 'react'
import { PlainButton } from './plain-button.tsx'
import classes from './menu-button.module.css'

/** What a menu is given: the place that it hangs on, and whether it is open. */
export interface MenuContentProps {
  target: ReactElement
  opened: boolean
  onChange: (opened: boolean) => void
}

/** What makes a button open its menu. */
type OpenerProps = Pick<
  ButtonHTMLAttributes<HTMLButtonElement>,
  | 'aria-label'
  | 'aria-haspopup'
  | 'aria-expanded'
  | 'onPointerEnter'
  | 'onPointerDown'
  | 'onFocus'
  | 'onClick'
>

export interface MenuButtonProps {
  label: string
  /** What stands on the quiet button; or another button with what makes it open the menu. */
  button?: ReactNode
  renderButton?: (props: OpenerProps) => ReactElement
  /** What opens. */
  popup?: 'menu' | 'dialog' | 'listbox'
  /** Somebody is about to open it. */
  onIntent: () => void
  /** The menu, which may be loaded when it is first shown. */
  children: (menu: MenuContentProps) => ReactNode
}

/**
 * A button that opens a menu, a list to choose from, or a small dialog. It stays the same element while that is loaded, and
 * so keeps the focus.
 */
export function MenuButton({
  label,
  button,
  renderButton = (props) => (
    <PlainButton {...props} className={classes.button}>
      {button}
    </PlainButton>
  ),
  popup = 'menu',
  onIntent,
  children,
}: MenuButtonProps) {
  const [wanted, setWanted] = useState(false)
  const [opened, setOpened] = useState(false)
  // A press beside an open menu closes it before the click is told.
  const [wasOpened, setWasOpened] = useState(false)
  const opener: OpenerProps = {
    'aria-label': label,
    'aria-haspopup': popup,
    'aria-expanded': opened,
    onPointerEnter: onIntent,
    onFocus: onIntent,
    onPointerDown: () => setWasOpened(opened),
    onClick: ({ detail }) => {
      setWanted(true)
      // A key presses nothing beside the menu.
      setOpened(detail === 0 || !wasOpened)
      setWasOpened(false)
    },
  }
  return (
    <span className={classes.place}>
      {renderButton(opener)}
      {wanted && (
        <Suspense>
          {children({
            // What opens is called after it.
            target: <span className={classes.anchor} aria-hidden aria-label={label} />,
            opened,
            onChange: setOpened,
          })}
        </Suspense>
      )}
    </span>
  )
}
