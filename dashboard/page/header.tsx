import { sharedAddress } from './shared-view.ts';
import { toast } from './toasts.ts';

/** Name, purpose, and the ways to the parts of the page. */
export function Header() {
  return (
    <header class="top">
      <a class="skip" href="#stage">
        To the stage
      </a>
      <h1>Loadline</h1>
      <p>Every dot is a real request to a real worker on this machine: see where they wait.</p>
      <nav aria-label="Parts of the page">
        <a href="#tour">Tour</a>
        <a href="#stage">Stage</a>
        <a href="#results">Results</a>
        <button type="button" class="link" onClick={copyAddress}>
          Copy link
        </button>
      </nav>
    </header>
  );
}

async function copyAddress(): Promise<void> {
  const address = sharedAddress();
  try {
    await navigator.clipboard.writeText(address);
    toast({ message: 'The link to this view is on the clipboard.' });
  } catch {
    // Browsers give the clipboard to loopback and HTTPS only.
    toast({ message: `The link to this view: ${address}` });
  }
}
