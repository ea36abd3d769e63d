export {
  createFaultPlan,
  proxyFaultKinds,
  type FaultPlan,
  type FaultPlanOptions,
  type ProxiedRequest,
  type ProxyFault,
  type ProxyFaultKind,
} from './fault-plan.js';
export { startFaultProxy, type FaultProxy, type FaultProxyOptions, type ProxyEvent } from './fault-proxy.js';
