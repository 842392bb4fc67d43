import { type ReadonlySignal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { shownCount, shownRate } from '../../../model/quantities.ts';
import type { Second, StagedDeployment } from '../../protocol.ts';
import { activities, countDoing, countHeld, sayCensus, summarizeCensus } from './census.ts';
import type { StageShow } from './stage-show.ts';

/** Milliseconds between two announcements at least. */
const SPEAK_EVERY_MS = 5000;

/** The stage as a table that may be opened, and as announcements to screen readers whenever it has changed. */
export function StageTable({
  staged,
  show,
  second,
}: {
  readonly staged: readonly StagedDeployment[];
  readonly show: StageShow;
  readonly second: ReadonlySignal<Second | undefined>;
}) {
  const isOpen = useSignal(false);
  const spoken = useSignal('');
  useEffect(() => {
    let gists = '';
    const timer = setInterval(() => {
      const known = staged.flatMap(({ id, label }) => {
        const census = show.censuses.peek()[id];
        const throughput = second.peek()?.deployments[id]?.throughput;
        if (census === undefined) return [];
        return [{ gist: summarizeCensus(census, throughput), text: `${label}: ${sayCensus(census, throughput)}.` }];
      });
      const next = known.map(({ gist }) => gist).join();
      if (next === gists) return;
      gists = next;
      spoken.value = known.map(({ text }) => text).join(' ');
    }, SPEAK_EVERY_MS);
    return () => clearInterval(timer);
  }, [show, second, JSON.stringify(staged)]);
  return (
    <>
      <details class="scroll" onToggle={({ currentTarget }) => (isOpen.value = currentTarget.open)}>
        <summary>The stage as a table</summary>
        {isOpen.value && (
          <table>
            <thead>
              <tr>
                {['topology', 'throughput', 'waiting', 'held by workers', ...activities].map(head => (
                  <th key={head} scope="col">
                    {head}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {staged.map(({ id, label }) => {
                const { waiting = 0, workers = [] } = show.censuses.value[id] ?? {};
                const throughput = second.value?.deployments[id]?.throughput;
                const counts = [waiting, countHeld(workers), ...activities.map(each => countDoing(each, workers))];
                return (
                  <tr key={id}>
                    <th scope="row">{label}</th>
                    <td>{throughput === undefined ? '–' : shownRate(throughput)}</td>
                    {counts.map((count, column) => (
                      <td key={column}>{shownCount(count)}</td>
                    ))}
                  </tr>
                );
              })}
            </tbody>
          </table>
        )}
      </details>
      <p class="visually-hidden" aria-live="polite">
        {spoken}
      </p>
    </>
  );
}
