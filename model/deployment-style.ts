import type { Deployment } from './deployment.ts';
import { isConcurrencyLimited, type Topology, topologies } from './topology.ts';

/** The style of a deployment on page and report. Its hue says whether its concurrency is limited: warm, or not: cool. */
export interface DeploymentStyle {
  /** A CSS colour with a value for light and one for dark. */
  readonly colour: string;
  /** An SVG path in a box from −1 to 1; it says the same as the hue. */
  readonly mark: string;
  /** Dashes of its lines in pixels; none: a solid line. */
  readonly dash: readonly number[];
  /** Its place among the sizes of its topology, from 0. */
  readonly size: number;
}

interface Hue {
  readonly light: string;
  readonly dark: string;
  readonly mark: string;
  readonly dash: readonly number[];
}

// Colours of Okabe and Ito, which people with any colour vision tell apart.
const warm: readonly Hue[] = [
  { light: '#d55e00', dark: '#f0772b', mark: 'M-1 0A1 1 0 1 1 1 0A1 1 0 1 1 -1 0Z', dash: [] },
  { light: '#e69f00', dark: '#f2b32f', mark: 'M0 -1L1 0.9L-1 0.9Z', dash: [7, 3] },
  { light: '#cc79a7', dark: '#dd8fba', mark: 'M0 -1.1L1.1 0L0 1.1L-1.1 0Z', dash: [2, 2] },
];
const cool: readonly Hue[] = [
  { light: '#56b4e9', dark: '#8fd0f7', mark: 'M-0.9 -0.9L0.9 -0.9L0.9 0.9L-0.9 0.9Z', dash: [12, 3, 2, 3] },
  { light: '#0072b2', dark: '#2f93d6', mark: 'M-0.5 -1L0.5 -1L1 0L0.5 1L-0.5 1L-1 0Z', dash: [14, 4] },
  { light: '#009e73', dark: '#22bd90', mark: 'M0 1L1 -0.9L-1 -0.9Z', dash: [6, 2, 2, 2] },
];

/** Dashes of the second size of a topology, and of the third; its colour is a shade further from the paper each time. */
const sizeDashes: readonly (readonly number[])[] = [
  [4, 4],
  [1, 3],
];
const SHADE = 0.4;

/** What of a deployment its style comes from. */
type Drawn = Pick<Deployment, 'spec'>;

/** Gives a deployment, or a topology, its style among those that it is drawn with. */
export function styleDeployment(drawn: Drawn, among: readonly Drawn[] = [drawn]): DeploymentStyle {
  const { spec } = drawn;
  const hues = isConcurrencyLimited(spec) ? warm : cool;
  const alike = knownWith([...among, drawn]).filter(
    other => isConcurrencyLimited(other) === isConcurrencyLimited(spec),
  );
  const turn = Math.max(
    0,
    alike.findIndex(({ name }) => name === spec.name),
  );
  const hue = inTurn(hues, turn);
  // Those that share a hue have different marks and dashes.
  const other = inTurn(hues, turn + Math.floor(turn / hues.length));
  const sizes = among.filter(one => one.spec.name === spec.name);
  const size = Math.max(0, sizes.indexOf(drawn));
  const share = 1 - (1 - SHADE) ** size;
  return {
    colour: `light-dark(${mixed(hue.light, 0x00, share)}, ${mixed(hue.dark, 0xff, share)})`,
    mark: other.mark,
    dash: size === 0 ? other.dash : inTurn(sizeDashes, size - 1),
    size,
  };
}

/** The topologies that ship, which always have the same turns, and then the others. */
function knownWith(among: readonly Drawn[]): readonly Topology[] {
  const names = new Set(topologies.map(({ name }) => name));
  const others = new Map(among.filter(({ spec }) => !names.has(spec.name)).map(({ spec }) => [spec.name, spec]));
  return [...topologies, ...others.values()];
}

function inTurn<Item>(items: readonly Item[], turn: number): Item {
  const item = items[turn % items.length];
  if (item === undefined) throw new RangeError('there is nothing to take in turn');
  return item;
}

/** A colour such as `#0072b2` with so large a share of a grey of that brightness. */
function mixed(colour: string, grey: number, share: number): string {
  const parts = [1, 3, 5].map(at => Number.parseInt(colour.slice(at, at + 2), 16));
  return `#${parts
    .map(part =>
      Math.round(part + share * (grey - part))
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`;
}
