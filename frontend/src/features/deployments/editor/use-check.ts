import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'

/** How long somebody types on before the cluster is asked. */
const pauseMs = 600

export interface Check<Answer> {
  /** `waiting` where nothing can be asked yet. */
  state: 'waiting' | 'checking' | 'accepted' | 'refused'
  answer: Answer | undefined
  error: unknown
}

/** One question to a cluster, asked again while what is asked changes: by its key, and how to ask it. */
export interface Question<Answer> {
  key: readonly unknown[]
  ask: (signal: AbortSignal) => Promise<Answer>
}

/** How an answer is kept: it is about exactly this question, and is not asked twice. */
export function questionQuery<Answer>({ ask, key }: Question<Answer>) {
  return {
    queryKey: ['check', ...key],
    queryFn: ({ signal }: { signal: AbortSignal }) => ask(signal),
    staleTime: 30_000,
    gcTime: 0,
    retry: false,
  }
}

/** What the cluster says while somebody types: one question at a time, and no answer to one that was changed since. */
export function useCheck<Answer>(question: Question<Answer> | null): Check<Answer> {
  const key = question === null ? '' : JSON.stringify(question.key)
  const [asked] = useDebouncedValue(key, pauseMs)
  const isAsked = question !== null && asked === key
  const query = useQuery({
    ...questionQuery(question ?? nothing<Answer>()),
    enabled: isAsked,
  })
  if (question === null) return { state: 'waiting', answer: undefined, error: null }
  if (!isAsked || query.isFetching) return { state: 'checking', answer: undefined, error: null }
  if (query.isError) return { state: 'refused', answer: undefined, error: query.error }
  return { state: query.isSuccess ? 'accepted' : 'checking', answer: query.data, error: null }
}

function nothing<Answer>(): Question<Answer> {
  return { key: [null], ask: () => Promise.reject(new Error('Nothing is asked.')) }
}
