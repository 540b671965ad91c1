export { createBoundedCache, shortenKey, type BoundedCache } from './bounded-cache.ts'
