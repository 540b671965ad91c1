import { useRouter, type RegisteredRouter, type ToOptions } from '@tanstack/react-router'
import {
  createElement,
  useRef,
  type AnchorHTMLAttributes,
  type ComponentType,
  type MouseEvent,
  type ReactElement,
  type Ref,
} from 'react'

/** Where a link leads, as the routes write it. */
type Target<To extends string> = ToOptions<RegisteredRouter, string, To>

export interface AnchorProps extends AnchorHTMLAttributes<HTMLAnchorElement> {
  ref?: Ref<HTMLAnchorElement>
}

export type PageLinkComponent<Props> = <const To extends string>(
  props: Props & Target<To> & { preload?: boolean },
) => ReactElement

/** Whoever passes over a link on the way to another does not mean it. */
const intentMs = 50

/**
 * A link to a page of the portal, which is loaded while somebody is about to press it. The router's own link also marks the
 * page that is open, for which each follows the address: a page has many. `LinkTab` is one.
 */
export function createPageLink<Props = AnchorProps>(
  look: ComponentType<Props> | 'a',
): PageLinkComponent<Props> {
  const link = ({ to, params, search, preload = true, ...props }: PlainProps) => {
    const router = useRouter()
    const intent = useRef<ReturnType<typeof setTimeout>>(undefined)
    // The types of `PageLinkComponent` say that there is such a route, and which parameters it has.
    const target = { to, params, search } as Target<string>
    const mean = () => {
      if (!preload) return
      clearTimeout(intent.current)
      // What cannot be loaded is asked for again by the press, which says so.
      intent.current = setTimeout(() => router.preloadRoute(target).catch(() => {}), intentMs)
    }
    const passOver = () => clearTimeout(intent.current)
    const shown: AnchorProps = {
      ...props,
      href: fillIn(to, params) + (search ? router.options.stringifySearch(search) : ''),
      onPointerEnter: both(props.onPointerEnter, mean),
      onPointerLeave: both(props.onPointerLeave, passOver),
      onFocus: both(props.onFocus, mean),
      onBlur: both(props.onBlur, passOver),
      onClick: (event: MouseEvent<HTMLAnchorElement>) => {
        props.onClick?.(event)
        if (event.defaultPrevented || isForBrowser(event)) return
        event.preventDefault()
        passOver()
        void router.navigate(target)
      },
    }
    return createElement(look as 'a', shown)
  }
  return link as unknown as PageLinkComponent<Props>
}

/** A link to a page of the portal, as plain as it can be. */
export const PageLink = createPageLink('a')

interface PlainProps extends AnchorProps {
  to: string
  params?: Readonly<Record<string, string>>
  search?: Readonly<Record<string, unknown>>
  preload?: boolean
}

function both<Event>(own: ((event: Event) => void) | undefined, more: () => void) {
  return (event: Event) => {
    own?.(event)
    more()
  }
}

/** "/instances/$instance" with what stands in it. */
function fillIn(path: string, params: Readonly<Record<string, string>> = {}): string {
  return path.replaceAll(/\$(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''))
}

/** In another tab, or to be kept. */
function isForBrowser(event: MouseEvent<HTMLAnchorElement>): boolean {
  const { altKey, button, ctrlKey, currentTarget, metaKey, shiftKey } = event
  const isElsewhere = currentTarget.target !== '' && currentTarget.target !== '_self'
  return button !== 0 || altKey || ctrlKey || metaKey || shiftKey || isElsewhere
}
