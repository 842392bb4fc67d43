import type { ComponentChildren } from 'preact';
import { sharedAddress } from './shared-view.ts';
import { toast } from './toasts.ts';

/** Name, purpose, and the ways to the parts of the page. */
export function Header() {
  return (
    <Top
      skip={['#stage', 'To the stage']}
      says="Every dot is a real request to a real worker on this machine: see where they wait."
    >
      <a href="#tour">Tour</a>
      <a href="#stage">Stage</a>
      <a href="#results">Results</a>
      <a href="?plan">Plan</a>
      <button type="button" class="link" onClick={() => copyAddress(sharedAddress())}>
        Copy link
      </button>
    </Top>
  );
}

interface TopProps {
  /** Where what matters begins, and the way there in words. */
  readonly skip: readonly [address: string, words: string];
  /** What the page is for. */
  readonly says: string;
  readonly children: ComponentChildren;
}

/** The head of any page, with its links. */
export function Top({ skip: [address, words], says, children }: TopProps) {
  return (
    <header class="top">
      <a class="skip" href={address}>
        {words}
      </a>
      <h1>Loadline</h1>
      <p>{says}</p>
      <nav aria-label="Parts of the page">{children}</nav>
    </header>
  );
}

/** Puts the address of a view on the clipboard. */
export async function copyAddress(address: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(address);
    toast({ message: 'The link to this view is on the clipboard.' });
  } catch {
    // Browsers give the clipboard to loopback and HTTPS only.
    toast({ message: `The link to this view: ${address}` });
  }
}
