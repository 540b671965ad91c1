import { UnstyledButton } from '@mantine/core'
import { Suspense, useState, type ComponentType, type ReactElement, type ReactNode } from 'react'
import { lazyNamed } from './lazy-named.ts'
import classes from './menu-button.module.css'

/** What a menu is given: the button that it hangs on, and whether it is open. */
export interface MenuContentProps {
  target: ReactElement
  opened: boolean
  onChange: (opened: boolean) => void
}

/** A menu whose content is loaded when somebody is about to open it, by its name in a module. */
export function createMenuButton<Name extends string, Props extends object>(
  load: () => Promise<Record<Name, ComponentType<Props & MenuContentProps>>>,
  name: Name,
) {
  const Content = lazyNamed(load, name)
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
