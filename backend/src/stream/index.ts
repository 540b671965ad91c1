export { createStreams, type StreamDeps, type Streams } from './open-stream.ts'
export { streamOperations } from './operations.ts'
