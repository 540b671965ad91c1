import { UnstyledButton } from '@mantine/core'
import type { ButtonHTMLAttributes } from 'react'

/** A button without a look of its own: the element itself, with Mantine's style, for there are some on every page. */
export function PlainButton({ className = '', ...props }: ButtonHTMLAttributes<HTMLButtonElement>) {
  return (
    <button
      type="button"
      {...props}
      className={`mantine-focus-auto ${UnstyledButton.classes.root} ${className}`}
    />
  )
}
