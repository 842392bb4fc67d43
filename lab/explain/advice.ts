import { type ContainerCpus, type LimitedResource, resourceNames } from '../../model/measurement.ts';
import type { Fraction, PerSecond } from '../../model/quantities.ts';
import { isConcurrencyLimited } from '../../model/topology.ts';
import { containerIn, isContainerCpus } from './container-cpus.ts';
import { containerWords, shownCpus } from './sentence.ts';
import { amountOf, type Help, isWorthwhile, type Stopped, withoutGenerator } from './what-helps.ts';

/** What is left to k6 of the CPUs before it is worth a machine of its own. */
const MUCH_OF_K6: Fraction = 0.1;
/** Times the capacity: so far from what was measured nobody knows a figure. */
const FAR = 3;

/** What would help, in a clause: `four more workers would carry about 280/s, where the CPUs give out`. */
export function adviceOf(help: Help, stopped: Stopped): string {
  const { capacity, cappedBy } = help;
  if (!isWorthwhile(help, stopped.capacity)) {
    const next = cappedBy === null ? '' : `: ${giveOut(cappedBy)} next`;
    return `more ${moreNames(help.resource)} would carry little more${next}`;
  }
  const where = cappedBy === null ? '' : `, where ${giveOut(cappedBy)}`;
  return `${moreOf(help, stopped)} would carry about ${about(capacity)}/s${where}`;
}

/** What would help a hidden deployment, of which no figure says how much. */
export function adviceWithoutFigure(resource: LimitedResource): string {
  if (resource === 'workers') return 'more processes, or more requests at once in each, would help';
  return `more ${moreNames(resource)} would help`;
}

/** What would help where a limit held a container up that it did not use up. */
export function adviceOnLimit(resource: 'cpu' | ContainerCpus, stopped: Stopped): string {
  if (resource === 'cpu') return 'a higher limit would help';
  const { subject } = containerWords[containerIn(resource)];
  return `more than ${shownCpus(amountOf(resource, stopped))} for ${subject} would help`;
}

/** What it would do to run the generator elsewhere; nothing where that would do little. */
export function adviceOnGenerator(stopped: Stopped): string | undefined {
  if (stopped.measurement.cpuShare.k6 < MUCH_OF_K6) return undefined;
  const load = withoutGenerator(stopped);
  const room = load > FAR * stopped.capacity ? 'many times as much' : `about ${about(load)}/s`;
  return `with k6 on a machine of its own there would be room for ${room}`;
}

function moreOf({ resource, amount }: Help, stopped: Stopped): string {
  const added = amount - amountOf(resource, stopped);
  const { spec } = stopped.cell.deployment;
  if (isContainerCpus(resource)) return `${shownCpus(amount)} for ${containerWords[containerIn(resource)].subject}`;
  switch (resource) {
    case 'cpu':
      return 'twice as many CPUs, with as many workers on each,';
    case 'workers': {
      if (isConcurrencyLimited(spec)) return `${inWords(added)} more worker${added === 1 ? '' : 's'}`;
      if (spec.sizes.processes === undefined) return `${inWords(amount)} event loops, each in a process of its own,`;
      return `${inWords(added)} more event loop${added === 1 ? '' : 's'}`;
    }
    case 'database-connections':
      return `${amount} of them`;
    case 'nginx':
      return `${inWords(added)} more process${added === 1 ? '' : 'es'} of nginx`;
  }
}

function moreNames(resource: LimitedResource): string {
  if (isContainerCpus(resource)) return `CPUs for ${containerWords[containerIn(resource)].subject}`;
  return resource === 'nginx' ? 'processes of nginx' : resourceNames[resource].name;
}

function giveOut(resource: LimitedResource): string {
  const { phrase } = resourceNames[resource];
  if (isContainerCpus(resource)) return `${phrase} is reached`;
  return `${phrase} ${resource === 'nginx' ? 'gives' : 'give'} out`;
}

const words = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve'];

/** `four`; from 13 on `13`. */
function inWords(number: number): string {
  return words[number - 1] ?? `${number}`;
}

/** With two significant digits: nobody knows more of what was not measured. */
function about(load: PerSecond): string {
  return load.toLocaleString('en-US', { maximumSignificantDigits: 2, useGrouping: false });
}
