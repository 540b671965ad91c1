import type { FieldError } from '@hub/shared'
import { useRef, useState } from 'react'
import { isProblem } from '../../../lib/api/problem.ts'
import { fromCreate } from './check-draft.ts'
import { isAt } from './draft.ts'

/** Shown by the form, each by itself: what is about these has a field of its own. */
const shown = ['/metadata', '/spec']
const unshown = ['/spec/provider/overrides', '/metadata/uid']

/**
 * Which errors are shown: those of fields that somebody has left, all of them once they were asked to be sent, and what
 * the cluster said.
 */
export function useErrors(local: readonly FieldError[], refused: unknown) {
  const [left, setLeft] = useState<ReadonlySet<string>>(() => new Set())
  const [isAsked, setAsked] = useState(false)
  const element = useRef<HTMLFormElement>(null)
  const said = isProblem(refused) ? placeProblem(refused) : []
  const errors = [
    ...local.filter((error) => isAsked || [...left].some((pointer) => isAt(pointer, error))),
    ...said,
  ]
  return {
    element,
    errors,
    /** What no field of the form stands for. */
    rest: errors.filter(
      (error) =>
        !shown.some((pointer) => isAt(pointer, error)) ||
        unshown.some((pointer) => isAt(pointer, error)),
    ),
    leave: (pointer: string) => {
      if (!left.has(pointer)) setLeft(new Set([...left, pointer]))
    },
    /** Shows all there is; whether there is any. */
    show: (): boolean => {
      setAsked(true)
      if (local.length === 0 && said.length === 0) return false
      // A folded field can take the focus once it is unfolded.
      requestAnimationFrame(() =>
        element.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus(),
      )
      return true
    },
  }
}

/** Where the hub's answer belongs; a name that is taken is said at the name. */
function placeProblem(problem: {
  code: string
  detail: string
  errors: readonly FieldError[]
}): FieldError[] {
  if (problem.errors.length > 0) return problem.errors.map(fromCreate)
  if (problem.code !== 'deployment-exists') return []
  return [{ pointer: '/metadata/name', detail: problem.detail }]
}
