import { useEffect, useRef, useState } from 'preact/hooks';
import { type ChangeRoute, type Changes, type TourState, type TourStep, tourSteps } from '../../protocol.ts';
import { labelAt } from '../live.ts';
import { listed } from '../wording.ts';
import { Guesses } from './guesses.tsx';
import { Outcome } from './outcome.tsx';
import { StepDots } from './step-dots.tsx';
import { texts } from './texts.ts';

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

/** Asks to come along, when nobody is on the tour. */
function Invitation({ change, mayDrive }: Omit<TourPanelProps, 'state'>) {
  const { ask, problem } = useChange(change);
  return (
    <section class="tour" aria-labelledby="tour-title">
      <h2 id="tour-title">The guided tour</h2>
      <p>
        {tourSteps.length} steps, half a minute each: guess what happens, and this machine shows and measures it. Next
        and Back; you can leave at any moment.
      </p>
      <p class="tour-ways">
        <button
          type="button"
          class="primary"
          disabled={!mayDrive}
          onClick={() => void ask('POST /api/tour/enter', { step: tourSteps[0] })}
        >
          Take the tour
        </button>
      </p>
      {problem !== undefined && (
        <p class="tour-problem" role="alert">
          {problem}
        </p>
      )}
    </section>
  );
}

const BEGINS = 'It begins. Requests that warm the workers up are sent first, and are no part of what is compared.';

type StepPanelProps = TourPanelProps & { readonly state: TourState };

/** The step that the tour is at: look, guess, see, and why. */
function StepPanel({ state, change, mayDrive }: StepPanelProps) {
  const { step, facts, phase, outcome, failure } = state;
  const { ask, problem } = useChange(change);
  const [guesses, setGuesses] = useState<Partial<Record<TourStep, number>>>({});
  const title = useRef<HTMLHeadingElement>(null);
  const isMoving = useRef(false);
  const place = tourSteps.indexOf(step);
  const text = texts[step];
  const guess = guesses[step];

  // Who went to a step reads on from its heading.
  useEffect(() => {
    if (isMoving.current) title.current?.focus();
    isMoving.current = false;
  }, [step]);

  function go(to: TourStep | undefined): void {
    if (to === undefined || to === step) return;
    isMoving.current = true;
    void ask('POST /api/tour/enter', { step: to });
  }

  const measure = () => void ask('POST /api/tour/measure', {});
  const leave = () => void ask('POST /api/tour/leave', {});
  const next = tourSteps[place + 1];
  return (
    <section class="tour" aria-labelledby="tour-title">
      <div class="tour-place">
        <p>
          Step {place + 1} of {tourSteps.length}
        </p>
        <StepDots step={step} mayDrive={mayDrive} onStep={go} />
        <button type="button" class="link" disabled={!mayDrive} onClick={leave}>
          Leave the tour
        </button>
      </div>
      <h2 id="tour-title" tabIndex={-1} ref={title}>
        {text.title}
      </h2>
      <p>{text.look(facts)}</p>
      {phase === 'ready' && (
        <>
          <Guesses
            key={step}
            question={text.question(facts)}
            guesses={text.guesses(facts)}
            guess={guess}
            onGuess={made => setGuesses({ ...guesses, [step]: made })}
          />
          {failure !== undefined && <p class="tour-problem">{failure}</p>}
        </>
      )}
      {phase === 'measuring' && (
        <>
          {guess !== undefined && <p>You guessed “{text.guesses(facts)[guess]}”.</p>}
          <Measuring state={state} />
        </>
      )}
      {outcome !== undefined && <Outcome step={step} facts={facts} outcome={outcome} guess={guess} />}
      <p class="visually-hidden" role="status">
        {spoken(state)}
      </p>
      {problem !== undefined && (
        <p class="tour-problem" role="alert">
          {problem}
        </p>
      )}
      <div class="tour-ways">
        {phase !== 'measuring' && (
          <button type="button" class={phase === 'ready' ? 'primary' : ''} disabled={!mayDrive} onClick={measure}>
            {phase === 'measured' ? 'Show it again' : guess === undefined ? 'Show me without a guess' : 'Show me'}
          </button>
        )}
        <span class="tour-steps">
          <button type="button" disabled={!mayDrive || place === 0} onClick={() => go(tourSteps[place - 1])}>
            Back
          </button>
          {next === undefined ? (
            <button type="button" class={phase === 'measured' ? 'primary' : ''} disabled={!mayDrive} onClick={leave}>
              End the tour
            </button>
          ) : (
            <button
              type="button"
              class={phase === 'measured' ? 'primary' : ''}
              disabled={!mayDrive}
              onClick={() => go(next)}
            >
              Next
            </button>
          )}
        </span>
      </div>
      {!mayDrive && <p class="hint">Another viewer controls the tour. You see what they see; the guess is your own.</p>}
    </section>
  );
}

function Measuring({ state: { progress = 0, measuring = [] } }: { readonly state: TourState }) {
  return (
    <div class="tour-measuring">
      <progress max={1} value={progress} aria-label="Measured so far" />
      <p>{measuring.length === 0 ? BEGINS : `Now on the stage: ${listed(measuring.map(labelAt))}.`}</p>
    </div>
  );
}

/** What has changed, for those who listen; nothing while they read and guess. */
function spoken({ phase, measuring = [], outcome, failure }: TourState): string {
  if (phase === 'measuring')
    return measuring.length === 0 ? 'Measuring.' : `Measuring ${listed(measuring.map(labelAt))}.`;
  return outcome?.sentence ?? failure ?? '';
}

/** Asks for one change at a time. */
interface Changing {
  /** Whether it was made. While another one is asked for, nothing is. */
  readonly ask: <Route extends ChangeRoute>(route: Route, body: Changes[Route]) => Promise<boolean>;
  /** Why the latest one could not be made. */
  readonly problem: string | undefined;
}

/** Changes of the tour, with what is in their way. */
function useChange(change: TourPanelProps['change']): Changing {
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
