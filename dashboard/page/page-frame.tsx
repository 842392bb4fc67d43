import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { dismiss, toast, toasts } from './changes.ts';
import { access, DashboardProblem, logIn } from './session.ts';

interface PageFrameProps {
  readonly page: 'stage' | 'plan';
  /** What the page is for. */
  readonly purpose: string;
  /** The address of what it shows. */
  readonly address: () => string;
  /** Called once the token was right. */
  readonly onLogin: () => void;
  readonly children: ComponentChildren;
}

/** A page with its header and messages; the login or a problem in its place where it cannot be used. */
export function PageFrame({ page, purpose, address, onLogin, children }: PageFrameProps) {
  if (access.value === 'locked') return <Login onDone={onLogin} />;
  if (access.value instanceof DashboardProblem) return <Problem problem={access.value} />;
  const stage = page === 'stage' ? '' : '/';
  return (
    <>
      <header class="top row">
        <a class="skip" href={`#${page}`}>{`To the ${page}`}</a>
        <h1>Loadline</h1>
        <p>{purpose}</p>
        <nav class="row" aria-label="Parts of the page">
          <a href={`${stage}#tour`}>Tour</a>
          <a href={`${stage}#stage`}>Stage</a>
          <a href={`${stage}#results`}>Results</a>
          <a href="?plan" aria-current={page === 'plan' ? 'page' : undefined}>
            Plan
          </a>
          <button type="button" class="link" onClick={() => void copyAddress(address())}>
            Copy link
          </button>
        </nav>
      </header>
      {children}
      <Toasts />
    </>
  );
}

async function copyAddress(address: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(address);
    toast('The link to this view is on the clipboard.');
  } catch {
    // Browsers give the clipboard to loopback and HTTPS only.
    toast(`The link to this view: ${address}`);
  }
}

function Toasts() {
  return (
    <div class="toasts stack" role="status" aria-live="polite">
      {toasts.value.map(({ number, message }) => (
        <div key={number} class="toast">
          <p>{message}</p>
          <button type="button" aria-label="Close this message" onClick={() => dismiss(number)}>
            ×
          </button>
        </div>
      ))}
    </div>
  );
}

function Problem({ problem: { title, message, command } }: { readonly problem: DashboardProblem }) {
  return (
    <main class="narrow stack">
      <h1>{title ?? 'Loadline'}</h1>
      <Advice text={message} command={command} />
    </main>
  );
}

/** A text, and a command that solves what it says. */
export function Advice({ text, command }: { readonly text: string; readonly command: string | undefined }) {
  return (
    <div class="stack" role="status">
      <p>{text}</p>
      {command !== undefined && <pre>{command}</pre>}
    </div>
  );
}

function Login({ onDone }: { readonly onDone: () => void }) {
  const problem = useSignal<string | undefined>(undefined);
  const isBusy = useSignal(false);
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (!(event.currentTarget instanceof HTMLFormElement)) return;
    const token = String(new FormData(event.currentTarget).get('token')).trim();
    isBusy.value = true;
    try {
      await logIn(token);
      onDone();
    } catch (cause) {
      problem.value = cause instanceof Error ? cause.message : String(cause);
    } finally {
      isBusy.value = false;
    }
  };
  return (
    <main class="narrow">
      <form class="stack" onSubmit={submit}>
        <h1>Loadline</h1>
        <p>Other machines can reach this dashboard. Enter the token that it was started with.</p>
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
        <p id="token-problem" class="warning" role="alert">
          {problem.value}
        </p>
        <button type="submit" class="primary" disabled={isBusy.value}>
          Open the dashboard
        </button>
      </form>
    </main>
  );
}
