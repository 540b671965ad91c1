import { useMutation, type UseMutationOptions } from '@tanstack/react-query'
import { useState } from 'react'
import { readFieldErrors, type FieldErrors } from '../lib/api/field-errors.ts'

/** What a form's fields come to: what to send, or what is wrong with which of them. */
export type FieldsRead<Input> =
  | { input: Input; errors?: undefined }
  | { input?: undefined; errors: FieldErrors }

export interface FieldFormOptions<Input, Answer> {
  mutation: Omit<UseMutationOptions<Answer, Error, Input>, 'onError' | 'onSuccess'>
  /** Where what the hub says belongs. */
  placeErrors?: (error: unknown) => FieldErrors
  onSent: (answer: Answer) => void
}

/** How a form sends and shows errors: those of one attempt stand at their fields until any field changes. */
export function useFieldForm<Input, Answer>({
  mutation,
  placeErrors = readFieldErrors,
  onSent,
}: FieldFormOptions<Input, Answer>) {
  const [errors, setErrors] = useState<FieldErrors>({})
  const sending = useMutation({
    ...mutation,
    onError: (error) => setErrors(placeErrors(error)),
    onSuccess: (answer) => onSent(answer),
  })
  return {
    errors,
    /** What the last attempt failed of. */
    error: sending.error,
    isPending: sending.isPending,
    /** Applies what somebody changed in a field. */
    change: (apply: () => void) => {
      apply()
      setErrors({})
      if (!sending.isPending) sending.reset()
    },
    send: (read: FieldsRead<Input>) => {
      if (sending.isPending) return
      setErrors(read.errors ?? {})
      if (read.errors === undefined) sending.mutate(read.input)
    },
  }
}
