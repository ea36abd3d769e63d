export type { ProbeGrant } from './grant.js';
export { createProbeListener, type ProbeListenerDependencies } from './listener.js';
export { createProbe, type Probe, type ProbeDependencies } from './probe.js';
