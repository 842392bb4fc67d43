import { claimTexts, type FigureUnit, type TourAnswer } from '../../../lab/claims/demonstration.ts';
import { shownBytes, shownCount, shownNumber, shownRate, shownTime, wholePercent } from '../../../model/quantities.ts';
import type { TourFigure, TourOutcome, TourState, TourStep } from '../../protocol.ts';
import { labelAt, styleAt } from '../live.ts';

const formatters: Readonly<Record<FigureUnit, (value: number) => string>> = {
  '': shownNumber,
  '1/s': shownRate,
  s: shownTime,
  bytes: shownBytes,
  fraction: wholePercent,
  requests: shownCount,
};

interface TourOutcomeProps {
  readonly step: TourStep;
  readonly text: TourState['text'];
  readonly outcome: TourOutcome;
  /** The guess that was made on this page. */
  readonly guess: number | undefined;
}

/** What was measured, and whether it supports the guess. */
export function TourOutcomePanel({ step, text, outcome, guess }: TourOutcomeProps) {
  return (
    <div class="tour-outcome">
      <h3>Measured on this machine</h3>
      <p class="tour-verdict">{describeGuess(text.guesses, outcome.answer, guess)}</p>
      <p>{outcome.sentence}</p>
      <Figures figures={outcome.figures} />
      <details>
        <summary>Counted twice</summary>
        <Figures figures={outcome.counts} />
      </details>
      <h3>Why</h3>
      <p>{text.why}</p>
      <p class="hint">
        This step demonstrates claim {step}: “{claimTexts[step].statement}” Its measurement and verdict are in{' '}
        <code>docs/claims.md</code>.
      </p>
    </div>
  );
}

/** Compares the guess with the answer, in one or two sentences. */
function describeGuess(guesses: readonly string[], answer: TourAnswer, guess: number | undefined): string {
  const guessed = guess === undefined ? undefined : guesses[guess];
  if (guessed !== undefined && guess === answer) return `You guessed “${guessed}”, and so it is.`;
  let told = `The figures say: “${guesses[Number(answer)]}”.`;
  if (answer === 'none') told = 'The figures support none of the guesses.';
  if (answer === 'undecided') told = 'Undecided: the figures cannot tell on this machine.';
  return guessed === undefined ? told : `You guessed “${guessed}”. ${told}`;
}

/** Tables with bars. Figures of one unit share a scale. */
function Figures({ figures }: { readonly figures: readonly TourFigure[] }) {
  return (
    <>
      {figures.map(({ name, meaning, unit, values }) => (
        <table class="tour-figures" key={name}>
          <caption>
            <strong>{name}</strong>
            <span>{meaning}</span>
          </caption>
          <tbody>
            {values.map(({ id, value, low, high }) => (
              <tr key={id}>
                <th scope="row">{id === undefined ? 'both' : labelAt(id)}</th>
                <td class="tour-bar-cell">
                  <Bar of={{ id, value, low, high }} greatest={findGreatest(figures, unit)} />
                </td>
                <td>
                  {formatters[unit](value)}
                  {low !== undefined && high !== undefined && (
                    <small>
                      <span class="visually-hidden">95 % interval </span>
                      {formatters[unit](low)} to {formatters[unit](high)}
                    </small>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      ))}
    </>
  );
}

/** The end of a unit's scale: its greatest value, or 100 %. */
function findGreatest(figures: readonly TourFigure[], unit: FigureUnit): number {
  if (unit === 'fraction') return 1;
  const values = figures.filter(figure => figure.unit === unit).flatMap(figure => figure.values);
  return Math.max(0, ...values.map(({ value, high = value }) => high));
}

interface BarProps {
  readonly of: { id: string | undefined; value: number; low: number | undefined; high: number | undefined };
  readonly greatest: number;
}

/** A bar for the value, with a line for its interval. */
function Bar({ of: { id, value, low, high }, greatest }: BarProps) {
  const style = styleAt(id);
  const place = (at: number) => `${(greatest > 0 ? Math.max(0, Math.min(1, at / greatest)) * 100 : 0).toFixed(1)}%`;
  return (
    <svg class="tour-bar" aria-hidden="true" focusable="false">
      <rect
        class={style === undefined ? 'tour-bar-both' : undefined}
        fill={style?.colour}
        width={place(value)}
        height="100%"
      />
      {low !== undefined && high !== undefined && <line x1={place(low)} x2={place(high)} y1="50%" y2="50%" />}
    </svg>
  );
}
