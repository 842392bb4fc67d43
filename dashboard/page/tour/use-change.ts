import { useRef, useState } from 'preact/hooks';
import type { ChangeRoute, Changes } from '../../protocol.ts';
import type { TourPanelProps } from './tour-panel.tsx';

/** Asks for one change at a time. */
export interface Changing {
  /** Whether it was made. While another one is asked for, nothing is. */
  readonly ask: <Route extends ChangeRoute>(route: Route, body: Changes[Route]) => Promise<boolean>;
  /** Why the latest one could not be made. */
  readonly problem: string | undefined;
}

/** Changes of the tour, with what is in their way. */
export function useChange(change: TourPanelProps['change']): Changing {
  const [problem, setProblem] = useState<string>();
  const asking = useRef(false);
  return {
    problem,
    async ask(route, body) {
      if (asking.current) return false;
      asking.current = true;
      try {
        await change(route, body);
        setProblem(undefined);
        return true;
      } catch (error) {
        setProblem(error instanceof Error ? error.message : String(error));
        return false;
      } finally {
        asking.current = false;
      }
    },
  };
}
