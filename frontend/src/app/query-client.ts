import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { isProblem } from '../lib/api/problem.ts'

/** `onSignedOut` hears of every answer that says there is no session any more. */
export function createQueryClient({ onSignedOut }: { onSignedOut: () => void }): QueryClient {
  const watchForSignOut = (error: unknown) => {
    // A proof that is wanted once more is no end of the session.
    if (isProblem(error, 401) && error.code !== 'reauthentication-required') onSignedOut()
  }
  return new QueryClient({
    queryCache: new QueryCache({ onError: watchForSignOut }),
    mutationCache: new MutationCache({ onError: watchForSignOut }),
    defaultOptions: {
      queries: {
        retry: (failures, error) => failures < 2 && isWorthRetrying(error),
        // The stream moves the lists; a look at the page is no reason to read them again.
        refetchOnWindowFocus: false,
      },
    },
  })
}

function isWorthRetrying(error: unknown): boolean {
  return isProblem(error) && (error.status === 0 || error.status >= 500)
}
