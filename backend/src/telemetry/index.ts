export {
  createTelemetry,
  type Called,
  type CallOutcome,
  type Telemetry,
} from './create-telemetry.ts'
