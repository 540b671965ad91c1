import type { Browser, BrowserContext, Page } from '@playwright/test'
/** What a first look at a page cost until something to read was painted. */
export type FirstLook = {
  /** Of the page's main thread. */
  cpuMs: number
  wallMs: number
  requests: number
  /** Compressed, of everything that was loaded until nothing more came. */
  scriptBytes: number
}
/** A browser that has kept nothing, signed in by the Cookie header of a session, or not. */
export declare function openContext(
  browser: Browser,
  {
    origin,
    cookie,
  }: {
    origin: string
    cookie: string | null
  },
): Promise<BrowserContext>
/** Looks at a page for the first time; `selector` is what there is to read. */
export declare function lookFirst(
  browser: Browser,
  options: {
    origin: string
    cookie: string | null
    path: string
    selector: string
  },
): Promise<FirstLook>
/** What the main thread did while a page was looked at. */
export type Motion = {
  /** Tasks over 50 ms by the clock, whoever else had the processor. */
  longTasksMs: number[]
  /** The longest tasks by the processor time that they used. */
  longestCpuMs: number[]
  /** Of the heap after collecting, at the end against the beginning. */
  heapRatio: number
  heapMiB: number
}
/** Watches an open page for `seconds` after it has been used for a while; `act` is called over and over. */
export declare function watchMotion(
  page: Page,
  seconds: number,
  act: (elapsedMs: number) => Promise<void>,
): Promise<Motion>
