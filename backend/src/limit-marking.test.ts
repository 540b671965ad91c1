import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const run = promisify(execFile)
const module = JSON.stringify(new URL('./limit-marking.ts', import.meta.url).href)

/** Keeps ever more, some at a time, until V8 has marked all of it. */
const fill = `
  const kept = Array.from({ length: 1e6 }, (_, at) => ({ at: [at] }))
  const observer = new PerformanceObserver((list) => {
    if (list.getEntries().some(({ detail }) => detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR)) process.exit()
  })
  observer.observe({ entryTypes: ['gc'] })
  const step = () => {
    for (let count = 0; count < 1e4; count += 1) kept.push({ at: [count] })
    setTimeout(step, 1)
  }
  step()
`

/**
 * Of a full collection: milliseconds of marking on V8's own threads and of the pause at its end, and how large the old generation
 * could grow before it, as a multiple of what was in use after the one before.
 */
async function markWith(processors: number) {
  const script = `import { constants } from 'node:perf_hooks'; import { limitMarking } from ${module}; limitMarking(${processors}); ${fill}`
  const { stdout, stderr } = await run(
    process.execPath,
    ['--trace-gc-nvp', '--input-type=module', '--eval', script],
    { maxBuffer: 64 * 1024 * 1024 },
  )
  expect(stderr).toBe('')
  const full = stdout.split('\n').filter((line) => line.includes('"gc":"mc"'))
  const read = (name: string, line = '') => Number(line.match(`"${name}":([\\d.]+)`)?.[1])
  const marked = full.findLast((line) => line.includes('"is_incremental":true'))
  const [before, last] = full.slice(-2)
  const oldMax = read('old_gen_allocation_limit', last) - read('new_space_capacity', before)
  return {
    beside: read('background.mark', marked),
    pause: read('pause', marked),
    growth: oldMax / read('end_object_size', before),
  }
}

/** All that V8's own threads can have marked in the pause. */
const threads = 4

test('where processors are scarce, V8 marks beside the thread that answers in the pause alone', async () => {
  const { beside, pause } = await markWith(2)
  expect(pause).toBeGreaterThan(0)
  expect(beside).toBeLessThanOrEqual(threads * pause)
})

test('where processors are scarce, V8 lets the heap grow by two fifths before it marks again', async () => {
  const { growth } = await markWith(1)
  expect(growth).toBeCloseTo(1.4, 2)
})

test('where there are more, it marks beside it all along', async () => {
  const marksBeside = async () => {
    const { beside, pause } = await markWith(4)
    return beside > threads * pause
  }
  // Where others have the processors, its threads may come to it in the pause alone.
  await expect.poll(marksBeside, { timeout: 55_000 }).toBe(true)
})
