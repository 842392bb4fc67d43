import type { TopologyName } from '../../../../model/topology.ts';
import type { TourState, TourStep } from '../../../protocol.ts';
import { SimulatedStack } from '../../../server/tour/testdata/simulated-stack.ts';
import { createTour } from '../../../server/tour/tour.ts';

/** A step's states one after the other: ready, in the middle of measuring, and measured on a simulated stack. */
export async function statesOf(step: TourStep, names?: readonly TopologyName[]): Promise<TourState[]> {
  const { director, observation, stack, clock, cpus } = new SimulatedStack(names);
  const tour = createTour(director, observation, stack, { clock, cpus });
  const states: TourState[] = [];
  await tour.enter(step);
  if (tour.state !== undefined) states.push(tour.state);
  if (tour.state?.failure !== undefined) return states;
  tour.measure();
  await new Promise<void>(resolve => {
    tour.onChange = () => {
      const { state } = tour;
      if (state?.phase === 'measuring' && (state.progress ?? 0) > 0.5 && states.length === 1) states.push(state);
      if (state?.phase === 'measured') {
        states.push(state);
        resolve();
      }
    };
  });
  return states;
}
