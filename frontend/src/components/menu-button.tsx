import { UnstyledButton } from '@mantine/core'
import {
  lazy,
  Suspense,
  useState,
  type ComponentType,
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

type Load<Props> = () => Promise<{ default: ComponentType<Props & MenuContentProps> }>

/** A menu whose content is loaded when somebody is about to open it. */
export function createMenuButton<Props extends object>(load: Load<Props>) {
  const Content = lazy(load)
  return function MenuButton({
    label,
    button,
    ...props
  }: Props & { label: string; button: ReactNode }) {
    const [wanted, setWanted] = useState(false)
    const [opened, setOpened] = useState(false)
    const target = (
      <UnstyledButton
        className={classes.button}
        aria-label={label}
        aria-haspopup="menu"
        aria-expanded={opened}
        onPointerEnter={() => void load()}
        onFocus={() => void load()}
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
    // The rest of what it is given is the content's own.
    const own = props as unknown as Props
    return (
      <Suspense fallback={target}>
        <Content {...own} target={target} opened={opened} onChange={setOpened} />
      </Suspense>
    )
  }
}
