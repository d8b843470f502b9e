/**
 * Specs that are not run, each with the reason.
 *
 * Two more that run on `cpu` are not in the suite of another backend: "Switching cpu backends" registers the cpu backend
 * twice. tests/values.test.ts moves tensors between this backend and cpu instead.
 */
export const exclusions: Record<string, string> = {}
