import { signal } from '@preact/signals';
import { render } from 'preact';
import { deploymentName, deploymentOf } from '../../../../model/deployment.ts';
import { topologies } from '../../../../model/topology.ts';
import { arrangeStage, type TourState } from '../../../protocol.ts';
import { stage } from '../../live.ts';
import { TourPanel } from '../tour-panel.tsx';

/** The panel on a page of its own, as a test drives it. */
const shown = signal<{ state?: TourState; mayDrive: boolean; refusal?: string }>({ mayDrive: true });
const asked: string[] = [];
const deployments = topologies.map(topology => deploymentOf(topology, 2));
stage.value = arrangeStage(deployments.map(deployment => ({ id: deploymentName(deployment), deployment })));

function Alone() {
  const { state, mayDrive, refusal } = shown.value;
  return (
    <main>
      <h1>Loadline</h1>
      <TourPanel
        state={state}
        mayDrive={mayDrive}
        change={async (route, body) => {
          asked.push(`${route} ${JSON.stringify(body)}`);
          if (refusal !== undefined) throw new Error(refusal);
        }}
      />
    </main>
  );
}

Object.assign(globalThis, {
  show: (next: Partial<typeof shown.value>) => {
    shown.value = { mayDrive: true, ...next };
  },
  asked: () => asked.splice(0),
});
render(<Alone />, document.body);
