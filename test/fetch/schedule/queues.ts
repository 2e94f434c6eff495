import type { Waiting } from '../../../src/fetch/schedule/host.ts';
import { HostQueues } from '../../../src/fetch/schedule/host-queues.ts';
import type { HostLimits } from '../../../src/fetch/schedule/host-state.ts';
import { HostStates } from '../../../src/fetch/schedule/host-states.ts';

/** Host queues of a single pipeline. */
export class OwnQueues<T extends Waiting<T>> extends HostQueues<T> {
  constructor(limits: HostLimits, onReady: () => void = () => {}) {
    const states = new HostStates(limits);
    super({ perHost: limits.perHost, states, share: null, onReady, onDown: () => {} });
  }
}
