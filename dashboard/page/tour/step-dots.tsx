import { type TourStep, tourSteps } from '../../protocol.ts';
import { texts } from './texts.ts';

interface StepDotsProps {
  readonly step: TourStep;
  readonly mayDrive: boolean;
  readonly onStep: (step: TourStep) => void;
}

/** Where in the tour one is: a dot for each step, each of them a way there. */
export function StepDots({ step, mayDrive, onStep }: StepDotsProps) {
  return (
    <ol class="tour-dots" aria-label="Steps of the tour">
      {tourSteps.map((name, index) => (
        <li key={name}>
          <button
            type="button"
            aria-current={name === step ? 'step' : undefined}
            aria-label={`Step ${index + 1}: ${texts[name].title}`}
            title={texts[name].title}
            disabled={!mayDrive}
            onClick={() => onStep(name)}
          />
        </li>
      ))}
    </ol>
  );
}
