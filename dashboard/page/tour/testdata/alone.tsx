import { signal } from '@preact/signals';
import { render } from 'preact';
import { deploymentName, deploymentOf } from '../../../../model/deployment.ts';
import { topologies } from '../../../../model/topology.ts';
import { stageOf, type TourState } from '../../../protocol.ts';
import { stage } from '../../live.ts';
import { TourPanel } from '../tour-panel.tsx';

/** The deployments that the states speak of. */
stage.value = stageOf(
  topologies.map(topology => {
    const deployment = deploymentOf(topology, 2);
    return { id: deploymentName(deployment), deployment };
  }),
);

/** The panel on a page of its own, as a test drives it. */
const state = signal<TourState | undefined>(undefined);
const mayDrive = signal(true);
const asked: string[] = [];
let refusal: string | undefined;

function Alone() {
  return (
    <main>
      <h1>Loadline</h1>
      <TourPanel
        state={state.value}
        mayDrive={mayDrive.value}
        change={async (route, body) => {
          asked.push(`${route} ${JSON.stringify(body)}`);
          if (refusal !== undefined) throw new Error(refusal);
        }}
      />
    </main>
  );
}

Object.assign(globalThis, {
  show: (next: TourState | undefined) => {
    state.value = next;
  },
  lead: (may: boolean) => {
    mayDrive.value = may;
  },
  refuse: (message: string) => {
    refusal = message;
  },
  asked: () => asked.splice(0),
});
render(<Alone />, document.body);
