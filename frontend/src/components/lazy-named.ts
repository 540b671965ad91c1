import { lazy, type ComponentType } from 'react'

/** A component that is loaded when it is first shown, by its name in a module. */
export function lazyNamed<Name extends string, Props>(
  load: () => Promise<Record<Name, ComponentType<Props>>>,
  name: Name,
) {
  return lazy<ComponentType<Props>>(async () => ({ default: (await load())[name] }))
}
