/** How a list is read page by page: part of the options of an infinite query. */
export const byCursor = {
  initialPageParam: undefined as string | undefined,
  getNextPageParam: ({ next }: { next: string | null }) => next ?? undefined,
}

/** A page as a query asks for it: the first one without a cursor. */
export function pageQuery(limit: number, cursor?: string): { limit: string; cursor?: string } {
  return { limit: String(limit), ...(cursor !== undefined && { cursor }) }
}
