import { isMainThread } from 'node:worker_threads'

/**
 * Since version 1.29 the published binaries for Linux and macOS report their use to Microsoft and keep a device id in
 * the user's cache folder, unless this variable is set when the runtime starts. Whoever wants that sets it to 0.
 */
export function refuseTelemetry(): void {
  if (process.env.ORT_DISABLE_TELEMETRY !== undefined) return
  process.env.ORT_DISABLE_TELEMETRY = '1'
  if (isMainThread || process.platform === 'win32') return
  // What a worker thread sets is not seen outside of JavaScript.
  process.emitWarning(
    'ONNX Runtime starts in a worker thread, where its telemetry cannot be switched off. Call useOnnxRuntime() in the ' +
      'main thread first, or set ORT_DISABLE_TELEMETRY=1 for the process.',
  )
}
