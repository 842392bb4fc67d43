import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { addresses, modelAddress, type RunSummary } from '../../protocol.ts';
import { access } from '../session.ts';
import { done, problem as problemAnswer, serve } from '../testdata/fake-server.ts';
import { ask, fitted, inputs } from './answers.ts';
import { usualInputs } from './inputs.ts';
import { choose, chosenRun, comingRun, findRuns, problem, runs } from './runs-to-plan-with.ts';
import { fittedToTwo } from './testdata/fitted.ts';

const other = {
  ...fittedToTwo,
  run: 'full',
  cpus: 4,
  objective: { ...fittedToTwo.objective, responseTime: 0.5 },
  workloads: fittedToTwo.workloads.toReversed(),
};

function summary(name: string, model = true): RunSummary {
  return { name, readable: true, experiment: '', runtime: 'local', begun: '', answers: [], report: true, model };
}

/** What stands in the runs' `model.json`. */
type Models = Readonly<Record<string, unknown>>;
const two: Models = { new: fittedToTwo, old: other };

/** A server with these models. */
function answering(models: Models, listed = Object.keys(models)) {
  return ({ route }: { route: string }): Response => {
    if (route === `POST ${addresses.session}`) return done();
    if (route === `GET ${addresses.runs}`)
      return Response.json([...listed.map(name => summary(name)), summary('none', false)]);
    const name = Object.keys(models).find(run => route === `GET ${modelAddress(run)}`);
    if (name === undefined) return problemAnswer(404, 'This run has no model.');
    const model = models[name];
    return typeof model === 'string' ? new Response(model) : Response.json(model);
  };
}

beforeEach(() => {
  for (const one of [runs, chosenRun, comingRun, problem, fitted, inputs]) one.value = undefined;
  access.value = 'unknown';
});

test('the page begins with the run and the question of its address, or the latest run that has a model', async context => {
  serve(context, answering(two));
  await findRuns('?plan=old&arrivalRate=70');
  assert.deepEqual([chosenRun.value, fitted.value?.cpus, inputs.value?.arrivalRate], ['old', 4, 70]);
  await findRuns('?plan');
  assert.deepEqual([chosenRun.value, problem.value], ['new', undefined]);
  assert.deepEqual(inputs.value, usualInputs(fittedToTwo));
  assert.deepEqual(
    runs.value?.map(({ name }) => name),
    ['new', 'old'],
  );
});

test('with another run only what was changed stays', async context => {
  serve(context, answering(two));
  await findRuns('?plan=new');
  ask({ arrivalRate: 333, growth: 2 });
  await choose('old');
  assert.equal(chosenRun.value, 'old');
  assert.deepEqual(inputs.value, { ...usualInputs(other), arrivalRate: 333, growth: 2 });
  assert.deepEqual([inputs.value?.objectiveMs, inputs.value?.cpus, inputs.value?.workload], [500, 4, 'plain']);
});

test('of two choices the later counts, however late the earlier is answered, and sliders stay where they are moved', async context => {
  const late = Promise.withResolvers<Response>();
  const server = answering(two);
  serve(context, request => (request.route === `GET ${modelAddress('slow')}` ? late.promise : server(request)));
  await findRuns('?plan=new');
  const slow = choose('slow');
  assert.deepEqual([comingRun.value, chosenRun.value], ['slow', 'new']);
  const quick = choose('old');
  ask({ growth: 3 });
  await quick;
  late.resolve(Response.json(fittedToTwo));
  await slow;
  assert.deepEqual([chosenRun.value, comingRun.value, problem.value], ['old', undefined, undefined]);
  assert.deepEqual([fitted.value?.cpus, inputs.value?.growth], [4, 3]);
});

const damaged: readonly (readonly [what: string, text: unknown])[] = [
  ['null', null],
  ['a text cut in half', JSON.stringify(fittedToTwo).slice(0, 400)],
  ['an empty text', ''],
  ['a list', [fittedToTwo]],
  ['one without workloads', { ...fittedToTwo, workloads: [] }],
  ['one without a service', { ...fittedToTwo, service: undefined }],
  ['one without cells', { ...fittedToTwo, measured: { ...fittedToTwo.measured, cells: undefined } }],
  ['one without its noise', { ...fittedToTwo, noise: undefined }],
  ['one without an objective', { ...fittedToTwo, objective: {} }],
];
for (const [what, text] of damaged) {
  test(`a model that is damaged (${what}) is told of, and the run that was used stays`, async context => {
    serve(context, answering({ ...two, bad: text }));
    await findRuns('?plan=old');
    await choose('bad');
    assert.equal(problem.value, 'The model of bad cannot be read: ./loadline report bad makes it again.');
    assert.deepEqual([chosenRun.value, comingRun.value, fitted.value?.cpus], ['old', undefined, 4]);
  });
}

test('where the run of the address has no model, or a damaged one, the next is taken and the problem told', async context => {
  serve(context, answering({ bad: null, ...two }));
  await findRuns('?plan=none&growth=2');
  assert.deepEqual([chosenRun.value, inputs.value?.growth], ['new', 2]);
  assert.equal(
    problem.value,
    'none has no model to plan with: ./loadline report none makes it. Until then the plan is made with new.',
  );
  await findRuns('?plan');
  assert.equal(chosenRun.value, 'new');
  assert.match(problem.value ?? '', /^The model of bad cannot be read: /);
  await choose('old');
  assert.equal(problem.value, undefined);
});

test('where no model can be read the runs are there to choose from', async context => {
  serve(context, answering({ one: { ...fittedToTwo, schema: 1 as never }, other: null }));
  await findRuns('?plan');
  assert.equal(problem.value, 'The model of one is of another version: ./loadline report one makes it again.');
  assert.deepEqual(
    [runs.value?.length, chosenRun.value, inputs.value, comingRun.value],
    [2, undefined, undefined, undefined],
  );
});

test('who is no longer known is asked for the token, whether runs or a model were asked for', async context => {
  let isKnown = true;
  const server = answering(two);
  serve(context, request => (isKnown ? server(request) : problemAnswer(401, 'Log in first.')));
  await findRuns('?plan=new');
  isKnown = false;
  await choose('old');
  assert.deepEqual([access.value, problem.value, chosenRun.value], ['locked', undefined, 'new']);
  isKnown = true;
  await findRuns('?plan=old');
  assert.deepEqual([access.value, chosenRun.value], ['granted', 'old']);
  isKnown = false;
  await findRuns('?plan=new');
  assert.deepEqual([access.value, problem.value], ['locked', undefined]);
});

test('a server that is away is told of', async context => {
  serve(context, () => {
    throw new TypeError('fetch failed');
  });
  await findRuns('?plan');
  assert.equal(problem.value, 'The dashboard cannot be reached: load the page again.');
});
