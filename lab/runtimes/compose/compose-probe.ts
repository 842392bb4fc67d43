import { MachineProbe, type Probe, type ProbeQuery, type ProbeSample, usageAt } from '../../probe/probe.ts';
import type { SessionsReader } from '../../probe/sessions.ts';
import { type Container, placeOf } from './containers.ts';
import { EngineProbe, engineApi } from './engine-probe.ts';

/** Where what containers use is read: in the kernel's files, or at the engine where this machine has no such files. */
export type UsageSource = 'cgroup files' | 'engine API';

/** The best source for these containers: files if all of them can be read here, which takes less time than asking. */
export function usageSourceFor(containers: readonly Container[]): UsageSource {
  const here = containers.every(container => usageAt(placeOf(container)) !== undefined);
  return here ? 'cgroup files' : 'engine API';
}

/**
 * Reads a stack of containers: through a probe in nginx's network what answers only there, and from here what the
 * containers use.
 */
export class ComposeProbe implements Probe {
  readonly #inside: Probe;
  readonly #outside: Probe;

  private constructor(inside: Probe, outside: Probe) {
    this.#inside = inside;
    this.#outside = outside;
  }

  /** The caller closes `inside`. */
  static async with(inside: Probe, sessions: SessionsReader, source: UsageSource): Promise<ComposeProbe> {
    const outside = new MachineProbe(sessions);
    return new ComposeProbe(inside, source === 'cgroup files' ? outside : new EngineProbe(await engineApi(), outside));
  }

  async sample({ controls, machine, ...outside }: ProbeQuery): Promise<ProbeSample> {
    const isInside = controls !== undefined || machine === true;
    const inside = isInside
      ? await this.#inside.sample({ ...(controls && { controls }), ...(machine && { machine }) })
      : undefined;
    return { ...inside, ...(await this.#outside.sample(outside)) };
  }

  close(): Promise<void> {
    return this.#outside.close();
  }
}
