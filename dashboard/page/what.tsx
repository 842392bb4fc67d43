import { useId } from 'preact/hooks';
import { type ExplainedWord, words } from './words.ts';

/** A small question mark beside a word or a figure: what is this? */
export function What({ word }: { readonly word: ExplainedWord }) {
  const id = useId();
  const { term, meaning } = words[word];
  return (
    <>
      <button type="button" class="what" popovertarget={id} aria-label={`What is this? ${term}`} title="What is this?">
        ?
      </button>
      <div id={id} popover="auto" class="meaning" onBeforeToggle={placeBeside}>
        <strong>{term}</strong>
        <p>{meaning}</p>
      </div>
    </>
  );
}

const WIDTH = 340;
const GAP = 8;

/** Near its button; on narrow screens the style sheet has it at the bottom. */
function placeBeside({ currentTarget, newState }: { currentTarget: HTMLElement; newState?: string }): void {
  const button = currentTarget.previousElementSibling;
  if (newState !== 'open' || button === null) return;
  const { left, top, bottom } = button.getBoundingClientRect();
  const { clientWidth, clientHeight } = document.documentElement;
  const width = Math.min(WIDTH, clientWidth - 2 * GAP);
  const { style } = currentTarget;
  style.setProperty('--meaning-left', `${Math.max(GAP, Math.min(left - 12, clientWidth - width - GAP))}px`);
  const below = bottom < clientHeight * 0.62;
  style.setProperty('--meaning-top', below ? `${Math.max(GAP, bottom + GAP)}px` : 'auto');
  style.setProperty('--meaning-bottom', below ? 'auto' : `${Math.max(GAP, clientHeight - top + GAP)}px`);
}
