import { type Asked, planOrRefusal } from './plan-or-refusal.ts';

/** Simulates each question that it is sent, and answers; what it throws ends it. */
self.onmessage = ({ data }: MessageEvent<Asked>) => {
  self.postMessage(planOrRefusal(data, 'simulation'));
};
