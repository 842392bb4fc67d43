import { shownTime } from '../../../model/quantities.ts';
import { OBJECTIVE, REPLAY_DELAY } from '../../protocol.ts';
import { AGEING } from './dot-looks.ts';

/** What the dots mean, and what the workers' signs do. */
export function Legend({ requestsPerDot }: { readonly requestsPerDot: number }) {
  return (
    <ul class="stage-legend">
      <li>
        <svg class="stage-sign" viewBox="0 0 14 14" aria-hidden="true">
          <circle class="fill-fresh" cx="7" cy="7" r="4.4" />
        </svg>
        {requestsPerDot > 1 ? `1 dot = ${requestsPerDot} requests` : '1 dot = 1 request'}
      </li>
      <li>
        <svg class="stage-sign" viewBox="0 0 14 14" aria-hidden="true">
          <circle class="fill-ageing" cx="7" cy="7" r="5" />
          <circle class="fill-paper" cx="7" cy="7" r="1.8" />
        </svg>
        older than {shownTime(AGEING)}
      </li>
      <li>
        <svg class="stage-sign" viewBox="0 0 14 14" aria-hidden="true">
          <circle class="fill-late" cx="7" cy="7" r="3.3" />
          <circle class="stroke-late" cx="7" cy="7" r="5.6" />
        </svg>
        later than the objective, {shownTime(OBJECTIVE)}
      </li>
      <li>
        <svg class="stage-sign" viewBox="0 0 14 14" aria-hidden="true">
          <path class="stroke-failed" d="M3 3 11 11M11 3 3 11" />
        </svg>
        failed
      </li>
      <li>
        <svg class="stage-sign" viewBox="0 0 14 14" aria-hidden="true">
          <circle class="stroke-computing" cx="7" cy="7" r="5" pathLength="10" />
        </svg>
        arc: share of time in which it computes
      </li>
      <li>
        <svg class="stage-sign" viewBox="0 0 14 14" aria-hidden="true">
          <path class="fill-database" d="M3 2h8v2H3zM3 6h8v2H3z" />
          <path class="fill-rule" d="M3 10h8v2H3z" />
        </svg>
        database connections, in use
      </li>
      <li class="stage-delay">shown {shownTime(REPLAY_DELAY)} after it happened</li>
    </ul>
  );
}
