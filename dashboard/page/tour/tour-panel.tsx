import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { claimTexts } from '../../../lab/claims/demonstration.ts';
import { type ChangeRoute, type Changes, type TourState, type TourStep, tourSteps } from '../../protocol.ts';
import { labelAt } from '../live.ts';
import { listed } from '../wording.ts';
import { TourOutcomePanel } from './tour-outcome.tsx';

interface TourPanelProps {
  /** `State.tour`; if absent, the panel invites to the tour. */
  readonly state: TourState | undefined;
  /** Sends a change with the page's token. Rejects with an `Error` whose message the panel shows. */
  readonly change: <Route extends ChangeRoute>(route: Route, body: Changes[Route]) => Promise<void>;
  /** Whether this page may change things. A page that only watches sees everything and may guess. */
  readonly mayDrive: boolean;
}

/** The guided tour: shows what the server tells; the guesses are this page's own. */
export function TourPanel(props: TourPanelProps) {
  const { state, change, mayDrive } = props;
  return state === undefined ? (
    <Invitation change={change} mayDrive={mayDrive} />
  ) : (
    <StepPanel {...props} state={state} />
  );
}

function Invitation({ change, mayDrive }: Omit<TourPanelProps, 'state'>) {
  const { ask, problem } = useChange(change);
  return (
    <section class="tour" aria-labelledby="tour-title">
      <h2 id="tour-title">The guided tour</h2>
      <p>
        {tourSteps.length} steps, half a minute each: guess what happens, and this machine shows and measures it. You
        can leave at any moment.
      </p>
      <p class="tour-ways">
        <button
          type="button"
          class="primary"
          disabled={!mayDrive}
          onClick={() => ask('POST /api/tour/enter', { step: tourSteps[0] })}
        >
          Take the tour
        </button>
      </p>
      <Problem text={problem} />
    </section>
  );
}

/** The step that the tour is at: look, guess, see, and why. */
function StepPanel({ state, change, mayDrive }: TourPanelProps & { readonly state: TourState }) {
  const { step, text, phase, outcome, failure, progress = 0, measuring = [] } = state;
  const { ask, problem } = useChange(change);
  const [guessed, setGuessed] = useState<Partial<Record<TourStep, number>>>({});
  const title = useRef<HTMLHeadingElement>(null);
  const isMoving = useRef(false);
  const place = tourSteps.indexOf(step);
  const [back, next] = [tourSteps[place - 1], tourSteps[place + 1]];
  const guess = guessed[step];

  // After a move the focus goes to the new step's heading.
  useEffect(() => {
    if (isMoving.current) title.current?.focus();
    isMoving.current = false;
  }, [step]);

  function go(to: TourStep | undefined): void {
    if (to === undefined || to === step) return;
    isMoving.current = true;
    ask('POST /api/tour/enter', { step: to });
  }

  const leave = () => ask('POST /api/tour/leave', {});
  const show = guess === undefined ? 'Show me without a guess' : 'Show me';
  const onStage = `Now on the stage: ${listed(measuring.map(labelAt))}.`;
  return (
    <section class="tour" aria-labelledby="tour-title">
      <div class="tour-place">
        <p>
          Step {place + 1} of {tourSteps.length}
        </p>
        <ol class="tour-dots" aria-label="Steps of the tour">
          {tourSteps.map((name, index) => (
            <li key={name}>
              <button
                type="button"
                aria-current={name === step ? 'step' : undefined}
                aria-label={`Step ${index + 1}: ${claimTexts[name].title}`}
                title={claimTexts[name].title}
                disabled={!mayDrive}
                onClick={() => go(name)}
              />
            </li>
          ))}
        </ol>
        <button type="button" class="link" disabled={!mayDrive} onClick={leave}>
          Leave the tour
        </button>
      </div>
      <h2 id="tour-title" tabIndex={-1} ref={title}>
        {claimTexts[step].title}
      </h2>
      <p>{text.look}</p>
      {phase === 'ready' && (
        <Guesses key={step} text={text} guess={guess} onGuess={made => setGuessed({ ...guessed, [step]: made })} />
      )}
      {failure !== undefined && <p class="tour-problem">{failure}</p>}
      {phase === 'measuring' && (
        <>
          {guess !== undefined && <p>You guessed “{text.guesses[guess]}”.</p>}
          <div class="tour-measuring">
            <progress max={1} value={progress} aria-label="Measured so far" />
            <p>{measuring.length === 0 ? 'Warm-up: these requests do not count.' : onStage}</p>
          </div>
        </>
      )}
      {outcome !== undefined && <TourOutcomePanel step={step} text={text} outcome={outcome} guess={guess} />}
      <p class="visually-hidden" role="status">
        {announce(state)}
      </p>
      <Problem text={problem} />
      <div class="tour-ways">
        {phase !== 'measuring' && (
          <button
            type="button"
            class={phase === 'ready' ? 'primary' : ''}
            disabled={!mayDrive}
            onClick={() => ask('POST /api/tour/measure', {})}
          >
            {phase === 'measured' ? 'Show it again' : show}
          </button>
        )}
        <span class="tour-steps">
          <button type="button" disabled={!mayDrive || back === undefined} onClick={() => go(back)}>
            Back
          </button>
          <button
            type="button"
            class={phase === 'measured' ? 'primary' : ''}
            disabled={!mayDrive}
            onClick={() => (next === undefined ? leave() : go(next))}
          >
            {next === undefined ? 'End the tour' : 'Next'}
          </button>
        </span>
      </div>
      {!mayDrive && (
        <p class="hint">Another viewer controls the tour. You see the same steps; the guess is your own.</p>
      )}
    </section>
  );
}

interface GuessesProps {
  readonly text: TourState['text'];
  readonly guess: number | undefined;
  readonly onGuess: (guess: number) => void;
}

function Guesses({ text, guess, onGuess }: GuessesProps) {
  const name = useId();
  return (
    <fieldset class="tour-guesses">
      <legend>{text.question}</legend>
      {text.guesses.map((label, index) => (
        <label key={label}>
          <input type="radio" name={name} checked={guess === index} onChange={() => onGuess(index)} />
          <span>{label}</span>
        </label>
      ))}
    </fieldset>
  );
}

function Problem({ text }: { readonly text: string | undefined }) {
  return text === undefined ? null : (
    <p class="tour-problem" role="alert">
      {text}
    </p>
  );
}

/** What a screen reader says about the change of state. */
function announce({ phase, measuring = [], outcome, failure }: TourState): string {
  if (phase !== 'measuring') return outcome?.sentence ?? failure ?? '';
  return measuring.length === 0 ? 'Measuring.' : `Measuring ${listed(measuring.map(labelAt))}.`;
}

/** Sends one change at a time; `problem` says why the latest one failed. */
function useChange(change: TourPanelProps['change']) {
  const [problem, setProblem] = useState<string>();
  const isAsking = useRef(false);
  return {
    problem,
    async ask<Route extends ChangeRoute>(route: Route, body: Changes[Route]): Promise<void> {
      if (isAsking.current) return;
      isAsking.current = true;
      try {
        await change(route, body);
        setProblem(undefined);
      } catch (error) {
        setProblem(error instanceof Error ? error.message : String(error));
      } finally {
        isAsking.current = false;
      }
    },
  };
}
