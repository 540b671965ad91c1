import {
  checkScope,
  narrowScope,
  toScopeInput,
  type ScopeInput,
  type ScopeValues,
} from '../lib/access/scope-input.ts'
import { useKept } from './kept-dialog.tsx'
import { useFieldForm, type FieldFormOptions, type FieldsRead } from './use-field-form.ts'

export interface ScopeFormOptions<Rest, Answer> extends FieldFormOptions<
  ScopeInput & Rest,
  Answer
> {
  /** What the form begins with. */
  given?: Partial<ScopeValues> | undefined
  /** What the form asks for besides a role and where it holds. */
  readRest: () => FieldsRead<Rest>
}

/** A form for a role and where it holds, with fields of its own beside `scopeFields`. */
export function useScopeForm<Rest, Answer>({
  given,
  readRest,
  ...options
}: ScopeFormOptions<Rest, Answer>) {
  const [values, setValues] = useKept<ScopeValues>('scope', { ...narrowScope, ...given })
  const form = useFieldForm(options)
  return {
    ...form,
    scopeFields: {
      values,
      errors: form.errors,
      onChange: (changed: ScopeValues) => form.change(() => setValues(changed)),
    },
    submit: () => {
      const rest = readRest()
      const errors = { ...checkScope(values), ...rest.errors }
      if (rest.errors !== undefined || Object.keys(errors).length > 0) form.send({ errors })
      else form.send({ input: { ...toScopeInput(values), ...rest.input } })
    },
  }
}
