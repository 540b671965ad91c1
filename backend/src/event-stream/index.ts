export { splitEvents } from './split-events.ts'
export { beat, eventStream, isEventStream, writeEvent } from './write-event.ts'
