import type { RunFolder } from '@dlkit/training'

/**
 * What somebody who uses the weights of a run should know: that it diverged, is not trained to its end, or has lost its
 * colours. Read from the run folder alone.
 *
 * @param step of the checkpoint that is used. @param steps that the run is made for.
 */
export function runCautions(run: RunFolder, step: number, steps: number): string[] {
  const findings = run.readFindings()
  const diverged = findings.find(({ severity, rule }) => severity === 'error' && rule === 'non-finite')
  const collapsed = findings.find(({ rule }) => rule === 'colour-collapse')
  return [
    ...(diverged ? [`${run.path} diverged at step ${diverged.step}: ${diverged.message}`] : []),
    ...(step < steps ? [`${run.path} is trained ${step} of ${steps} steps only`] : []),
    ...(collapsed ? [`${run.path}: ${collapsed.message}`] : []),
  ]
}
