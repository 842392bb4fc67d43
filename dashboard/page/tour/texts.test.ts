import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deploymentOf } from '../../../model/deployment.ts';
import { topologyNames } from '../../../model/topology.ts';
import { tourSteps } from '../../protocol.ts';
import { sizesOf } from '../../server/tour/sizes.ts';
import { steps } from '../../server/tour/steps.ts';
import { SimulatedStack } from '../../server/tour/testdata/simulated-stack.ts';
import { createTour } from '../../server/tour/tour.ts';
import { countMeanings, type Facts, texts } from './texts.ts';

const MACHINES = [1, 2, 8, 32];

test('on any machine each step says in two sentences what to look at and why, and asks one question', () => {
  for (const { step, facts } of everywhere()) {
    const { look, question, guesses, why } = texts[step];
    for (const two of [look(facts), why(facts)]) assert.equal(sentencesOf(two), 2, two);
    assert.match(question(facts), /^[^.?]+\?$/);
    assert.ok(guesses(facts).length >= 3 && guesses(facts).length <= 4, step);
    assert.equal(new Set(guesses(facts)).size, guesses(facts).length, `two guesses of ${step} are the same`);
  }
});

test('no text lacks a number of this stack', () => {
  for (const { step, facts } of everywhere()) {
    const { look, question, guesses, why } = texts[step];
    const said = [look(facts), question(facts), ...guesses(facts), why(facts)].join(' ');
    // A text that speaks of a fact which the server does not tell says 0.
    assert.doesNotMatch(said, /NaN|undefined|Infinity|(?<![\d.,])0(?![\d.,])/, said);
  }
});

test('no guess of the last step names a number, since what the CPUs allow is measured with the rest', () => {
  for (const { facts } of everywhere()) assert.doesNotMatch(texts.C12.guesses(facts).join(' '), /\d/);
});

test('a step is referred to by its number, as the page counts them', () => {
  for (const { step, facts } of everywhere()) {
    const { look, why } = texts[step];
    assert.doesNotMatch(`${look(facts)} ${why(facts)}`, /step C\d/);
  }
  assert.match(texts.C4.why({}), /step 6 gives both sides/);
});

test('each figure that a step measures is told what it means, and its answer is one of the guesses', async () => {
  const { director, observation, stack, clock, cpus } = new SimulatedStack();
  const tour = createTour(director, observation, stack, { clock, cpus });
  for (const step of tourSteps) {
    await tour.enter(step);
    tour.measure();
    await new Promise<void>(resolve => {
      tour.onChange = () => tour.state?.phase !== 'measuring' && resolve();
    });
    const { outcome, facts = {}, failure } = tour.state ?? {};
    assert.ok(outcome !== undefined, failure);
    const known = [...Object.keys(texts[step].meanings), ...Object.keys(countMeanings)];
    assert.deepEqual([...new Set(outcome.figures.map(({ name }) => name))].sort(), known.sort());
    assert.ok(texts[step].guesses(facts)[outcome.answer] !== undefined, step);
  }
});

function everywhere(): { readonly step: (typeof tourSteps)[number]; readonly facts: Facts }[] {
  return MACHINES.flatMap(cpus => {
    const deployments = topologyNames.map(topology => ({
      id: topology,
      deployment: deploymentOf(topology, cpus),
      target: '',
      nginxPort: 0,
      controls: [],
    }));
    return tourSteps.map(step => ({ step, facts: steps[step].facts(sizesOf({ deployments }, cpus)) }));
  });
}

/** Sentences end with a full stop; a colon or a semicolon goes on. */
function sentencesOf(text: string): number {
  return text.split(/\.(?: |$)/).filter(part => part !== '').length;
}
