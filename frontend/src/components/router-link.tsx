import { Button, type ButtonProps } from '@mantine/core'
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

type ButtonLinkProps = ButtonProps & Omit<AnchorProps, keyof ButtonProps>

/** A link within the portal that looks like a button. */
export const ButtonLink: PageLinkComponent<ButtonLinkProps> = createPageLink(
  (props: ButtonLinkProps) => <Button component="a" {...props} />,
)
