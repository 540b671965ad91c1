import type { QueryClient, QueryKey } from '@tanstack/react-query'

/** After a change: whatever is shown of these is read again, and the rest when it is next shown. */
export function outdate(client: QueryClient, ...keys: readonly QueryKey[]): void {
  for (const queryKey of keys) void client.invalidateQueries({ queryKey })
}
