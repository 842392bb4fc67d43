import { useSignal } from '@preact/signals';
import { logIn } from './session.ts';

/** Asks for the token that this dashboard was given; `onDone` is called once it is the right one. */
export function Login({ onDone }: { readonly onDone: () => void }) {
  const problem = useSignal<string | undefined>(undefined);
  const busy = useSignal(false);
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (!(event.currentTarget instanceof HTMLFormElement)) return;
    const token = String(new FormData(event.currentTarget).get('token') ?? '').trim();
    busy.value = true;
    try {
      await logIn(token);
      onDone();
    } catch (cause) {
      problem.value = cause instanceof Error ? cause.message : String(cause);
    } finally {
      busy.value = false;
    }
  };
  return (
    <main class="login">
      <form onSubmit={submit}>
        <h1>Loadline</h1>
        <p>This dashboard can be reached from other machines, so it asks for the token that it was started with.</p>
        <label for="token">Token</label>
        <input
          id="token"
          name="token"
          type="password"
          autocomplete="current-password"
          required
          aria-describedby="token-problem"
          aria-invalid={problem.value !== undefined}
        />
        <p id="token-problem" class="problem" role="alert">
          {problem.value}
        </p>
        <button type="submit" class="primary" disabled={busy.value}>
          Open the dashboard
        </button>
      </form>
    </main>
  );
}
