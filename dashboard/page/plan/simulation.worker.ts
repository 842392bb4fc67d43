import { type PlannerInput, planOrRefuse } from './planner.ts';

/** Simulates the question that it is sent. */
self.onmessage = ({ data }: MessageEvent<PlannerInput>) => {
  self.postMessage(planOrRefuse(data, 'simulation'));
};
