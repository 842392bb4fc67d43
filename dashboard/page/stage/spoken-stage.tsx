import { type ReadonlySignal, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { DeploymentId, Second, StagedDeployment } from '../../protocol.ts';
import type { Census } from './census.ts';
import { gistOf, spokenCensus } from './stage-words.ts';

/** Milliseconds between two summaries at least. */
const SPEAK_EVERY_MS = 5000;

/** What is seen on the stage, said to those who do not see it whenever it has become another. */
export function SpokenStage({
  staged,
  census,
  second,
}: {
  readonly staged: readonly StagedDeployment[];
  readonly census: ReadonlySignal<Partial<Record<DeploymentId, Census>>>;
  readonly second: ReadonlySignal<Second | undefined>;
}) {
  const text = useSignal('');
  const latest = useRef(staged);
  latest.current = staged;
  useEffect(() => {
    let gist = '';
    const speak = (): void => {
      const known = latest.current.flatMap(({ id, label }) => {
        const counts = census.peek()[id];
        const throughput = second.peek()?.deployments[id]?.throughput;
        return counts === undefined ? [] : [{ label, counts, throughput }];
      });
      const next = known.map(({ label, counts, throughput }) => `${label} ${gistOf(counts, throughput)}`).join();
      if (next === gist) return;
      gist = next;
      text.value = known.map(({ label, counts, throughput }) => spokenCensus(label, counts, throughput)).join(' ');
    };
    const timer = setInterval(speak, SPEAK_EVERY_MS);
    return () => clearInterval(timer);
  }, [census, second, text]);
  return (
    <p class="stage-spoken" aria-live="polite">
      {text}
    </p>
  );
}
