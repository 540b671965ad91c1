/** A test waits for what it needs: these end one that waits in vain, and bound nothing that a busy machine could break. */
export declare const patience: {
  testTimeout: number
  hookTimeout: number
  expect: {
    poll: {
      timeout: number
      interval: number
    }
  }
}
