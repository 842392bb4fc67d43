import type { ComponentChildren } from 'preact';
import { obstacle } from '../live.ts';
import { What } from '../what.tsx';
import type { ExplainedWord } from '../words.ts';
import { OBSTACLE } from './obstacle.tsx';

interface GroupProps {
  readonly name: string;
  readonly word?: ExplainedWord;
  /** Stands at the right of the name. */
  readonly beside?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** Controls that belong together; what is in their way is said where `Obstacle` stands. */
export function Group({ name, word, beside, children }: GroupProps) {
  return (
    <div class="group">
      <div class="group-head">
        <h3>{name}</h3>
        {word !== undefined && <What word={word} />}
        {beside}
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset has its name inside of it, and disables explanations too */}
      <div role="group" aria-label={name} aria-describedby={obstacle.value === undefined ? undefined : OBSTACLE}>
        {children}
      </div>
    </div>
  );
}
