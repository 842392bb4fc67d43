import type { ChangeRoute, Changes, TourState } from '../../protocol.ts';
import { Invitation } from './invitation.tsx';
import { StepPanel } from './step-panel.tsx';

/** What the page gives the tour. Styles are in `tour.css`, which the page imports with its own. */
export interface TourPanelProps {
  /** `State.tour`; absent while nobody is on the tour: then there is an invitation to it. */
  readonly state: TourState | undefined;
  /**
   * Sends one of the tour's changes with the page's token and name (the client answers 204). Rejects with an `Error`
   * whose message is the problem's own detail; the panel shows it.
   */
  readonly change: <Route extends ChangeRoute>(route: Route, body: Changes[Route]) => Promise<void>;
  /** Whether this page may change things: it drives, or nobody does. Who only watches sees everything and may guess. */
  readonly mayDrive: boolean;
}

/**
 * The guided tour, beside or below the stage: a `section` with a heading of level 2, as wide as where it is placed
 * (from 280 px). It shows what the server tells; the guess is this page's own.
 */
export function TourPanel({ state, change, mayDrive }: TourPanelProps) {
  if (state === undefined) return <Invitation change={change} mayDrive={mayDrive} />;
  return <StepPanel state={state} change={change} mayDrive={mayDrive} />;
}
