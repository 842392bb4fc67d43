import { What } from '../explanations.tsx';
import { occurrences, stagedAt } from '../live.ts';
import { shownMoment } from '../wording.ts';
import { sentenceOf } from './mark-words.ts';

const SHOWN = 8;

/** The marks of the charts as a list, the latest first. */
export function WhatHappened() {
  const latest = occurrences.value.slice(-SHOWN).reverse();
  return (
    <div class="happened">
      <div class="group-head">
        <h3>What happened</h3>
        <What word="mark" />
      </div>
      {latest.length === 0 ? (
        <p class="hint">Nothing out of the ordinary. Get in its way, below.</p>
      ) : (
        <ol>
          {latest.map(mark => (
            <li key={`${mark.time} ${mark.kind} ${mark.id ?? ''} ${mark.worker ?? ''}`}>
              <time>{shownMoment(mark.time)}</time> {sentenceOf(mark, stagedAt(mark.id))}
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}
