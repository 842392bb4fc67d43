import type { Experiment } from '../../model/experiment.ts';
import type { InvalidReason } from '../../model/measurement.ts';
import { type Fraction, milliseconds, percent, rounded } from '../../model/quantities.ts';

/** What gave out in a trial that says nothing about its deployment. */
export type Culprit = 'generator' | 'machine' | 'count';

/** Whose fault it is that a trial is invalid: never the deployment's. */
export function culpritOf({ kind }: InvalidReason): Culprit {
  return culprits[kind];
}

const culprits: Readonly<Record<InvalidReason['kind'], Culprit>> = {
  'never-sent': 'generator',
  'out-of-connections': 'generator',
  'schedule-lag': 'generator',
  'generator-cpu': 'generator',
  'control-lost': 'count',
  'completions-differ': 'count',
  'littles-law': 'count',
  'other-deployment-at-work': 'machine',
  'machine-disturbed': 'machine',
};

/** What made a trial invalid, and what to do about it, by what has been done already: two sentences. */
export function hintOf(reason: InvalidReason, experiment: Pick<Experiment, 'objective' | 'validity' | 'cpus'>): string {
  const calibrated = experiment.validity !== undefined;
  const { cpus } = experiment;
  switch (reason.kind) {
    case 'never-sent':
      return `k6 fell so far behind that ${arrivals(reason.arrivals)} could not be sent at all. ${moreCpus(cpus)}`;
    case 'out-of-connections':
      return `k6 had no connection left for ${arrivals(reason.arrivals)}. Raise the limit of open files (ulimit -n 65536; in containers OPEN_FILES=65536), and see that no other program holds thousands of connections.`;
    case 'schedule-lag':
      return (
        `k6 was ${milliseconds(reason.p99)} ms late for one arrival in a hundred, and ${milliseconds(reason.limit)} ms are allowed. ` +
        (calibrated
          ? `It is punctual here on a quiet machine: end other programs, or ask for an objective above ${milliseconds(experiment.objective.responseTime)} ms.`
          : 'Run ./loadline calibrate to see how punctual it can be here, and end other programs.')
      );
    case 'generator-cpu':
      return `k6 used ${percent(reason.share)} of the CPUs, more than all that it measures. ${moreCpus(cpus)}`;
    case 'control-lost':
      return 'The load ended itself because the lab did not answer k6 for seconds. Something kept the whole machine from running: see that it does not sleep or swap, and repeat.';
    case 'completions-differ':
      return `k6 counted ${reason.succeeded} successes of ${reason.sent} requests, and the workers completed ${reason.byWorkers}. Another client sends to them, or another server answers on their ports: stop it, then repeat.`;
    case 'littles-law':
      return `Requests in progress add up to ${rounded(reason.overTime)} s as k6 sampled them, and to ${rounded(reason.overRequests)} s as each of them took. One of the two is wrong, as after a pause of the machine: repeat it where the machine does not sleep.`;
    case 'other-deployment-at-work':
      return `${reason.name}, which should have been idle, ${reason.completed === undefined ? '' : `completed ${reason.completed} requests and `}kept ${rounded(reason.cpus)} CPUs busy. Stop other clients of this deployment, then repeat.`;
    case 'machine-disturbed':
      return disturbed(reason, calibrated);
  }
}

function disturbed({ steal, others }: { steal: Fraction; others: Fraction }, calibrated: boolean): string {
  const found = `Other programs used ${percent(others)} of the CPUs, and ${percent(steal)} of their time was stolen by the host.`;
  const done = calibrated
    ? 'That is more than the calibration of this machine found: end other programs, or measure when its neighbours are quiet'
    : 'End other programs; if it is always so here, ./loadline calibrate finds this machine’s own level';
  return `${found} ${done}.`;
}

function moreCpus(cpus: number): string {
  return cpus < 4
    ? `On ${cpus === 1 ? 'one CPU' : `${cpus} CPUs`} k6 and the service share them: a machine with at least 4 carries more load.`
    : 'See that no other program runs, and that k6 may use its CPUs (taskset, cgroups).';
}

function arrivals(count: number): string {
  return count === 1 ? 'one arrival' : `${count} arrivals`;
}
