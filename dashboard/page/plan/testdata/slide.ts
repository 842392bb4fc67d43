/** What the page shows after a move. */
export interface Shown {
  readonly by: string | undefined;
  readonly sentence: string | null | undefined;
}

/** Runs in the page: moves a slider to a place, as a hand does, and gives what is shown once it is painted. */
export function slide([name, place]: readonly [name: string, place: number]): Promise<Shown> {
  const slider = document.querySelector<HTMLInputElement>(`input[type="range"][aria-label="${name}"]`);
  if (slider === null) throw new Error(`there is no slider ${name}`);
  slider.value = String(place);
  slider.dispatchEvent(new InputEvent('input', { bubbles: true }));
  return new Promise(resolve => {
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        const answer = document.querySelector<HTMLElement>('.plan-answer');
        resolve({ by: answer?.dataset.by, sentence: answer?.querySelector('.plan-sentence')?.textContent });
      }),
    );
  });
}
