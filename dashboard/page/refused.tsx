import type { DashboardProblem } from './dashboard-problem.ts';

/** In the place of the page: why it cannot be used as it was opened, and what to type. */
export function Refused({ problem: { title, message, command } }: { readonly problem: DashboardProblem }) {
  return (
    <main class="refused">
      <h1>{title ?? 'Loadline'}</h1>
      <p>{message}</p>
      {command !== undefined && <pre>{command}</pre>}
    </main>
  );
}
