/** How many reads go in one request at most. */
export const batchMax = 20
