import { Button, UnstyledButton } from '@mantine/core'
import type { ReactNode } from 'react'
import { createPageLink, type AnchorProps, type PageLinkComponent } from './page-link.tsx'
import classes from './router-link.module.css'

interface TextLinkProps extends AnchorProps {
  /** It names a thing. */
  strong?: boolean
  /** It stands within a sentence. */
  underlined?: boolean
}

/** A link within the portal. */
export const TextLink: PageLinkComponent<TextLinkProps> = createPageLink(
  ({ strong = false, underlined = false, className = '', ...props }: TextLinkProps) => (
    // The words are the caller's.
    // oxlint-disable-next-line jsx-a11y/anchor-has-content
    <a
      {...props}
      className={`mantine-focus-auto ${classes.link} ${className}`}
      data-strong={strong || undefined}
      data-underlined={underlined || undefined}
    />
  ),
)

interface ButtonLinkProps extends AnchorProps {
  variant?: 'filled' | 'default'
  size?: 'xs' | 'sm'
  leftSection?: ReactNode
}

/** A link within the portal that looks like a button: the elements of Mantine's, in its style. */
export const ButtonLink: PageLinkComponent<ButtonLinkProps> = createPageLink(
  ({ variant = 'filled', size = 'sm', leftSection, children, ...props }: ButtonLinkProps) => (
    <a
      {...props}
      className={`mantine-focus-auto mantine-active ${UnstyledButton.classes.root} ${Button.classes.root} ${classes.button}`}
      data-variant={variant}
      data-size={size}
      data-with-left-section={leftSection !== undefined || undefined}
    >
      <span className={Button.classes.inner}>
        {leftSection !== undefined && (
          <span className={Button.classes.section} data-position="left">
            {leftSection}
          </span>
        )}
        <span className={Button.classes.label}>{children}</span>
      </span>
    </a>
  ),
)
