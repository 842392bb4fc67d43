import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { addresses, modelAddress, type RunSummary } from '../../protocol.ts';
import { access } from '../session.ts';
import { done, problem as problemAnswer, serve } from '../testdata/fake-server.ts';
import { ask, fitted, inputs } from './answers.ts';
import { usualInputs } from './inputs.ts';
import { chooseRun, chosenRun, findRuns, loadingRun, problem, runs } from './planned-runs.ts';
import { fittedToTwo } from './testdata/fitted.ts';

const other = {
  ...fittedToTwo,
  run: 'full',
  cpus: 4,
  objective: { ...fittedToTwo.objective, responseTime: 0.5 },
  workloads: fittedToTwo.workloads.toReversed(),
};
const two = { new: fittedToTwo, old: other };

/** A server with these models, and a run that has none. */
function answering(models: Readonly<Record<string, unknown>>) {
  const summaries = [...Object.keys(models), 'none'].map((name): RunSummary => {
    return {
      ...{ name, readable: true, experiment: '', runtime: '', begun: '', answers: [] },
      ...{ report: true, model: name !== 'none' },
    };
  });
  return ({ route }: { route: string }): Response => {
    if (route === `POST ${addresses.session}`) return done();
    if (route === `GET ${addresses.runs}`) return Response.json(summaries);
    const name = Object.keys(models).find(run => route === `GET ${modelAddress(run)}`);
    if (name === undefined) return problemAnswer(404, 'This run has no model.');
    const model = models[name];
    return typeof model === 'string' ? new Response(model) : Response.json(model);
  };
}

beforeEach(() => {
  for (const one of [runs, chosenRun, loadingRun, problem, fitted, inputs]) one.value = undefined;
  access.value = 'unknown';
});

test('the page begins with the run and the question of its address, or with the latest run', async context => {
  serve(context, answering(two));
  await findRuns('?plan=old&arrivalRate=70');
  assert.deepEqual([chosenRun.value, fitted.value?.cpus, inputs.value?.arrivalRate], ['old', 4, 70]);
  await findRuns('?plan');
  assert.deepEqual([chosenRun.value, problem.value], ['new', undefined]);
  assert.deepEqual(inputs.value, usualInputs(fittedToTwo));
  assert.deepEqual(runs.value, ['new', 'old']);
});

test('with another run only changed inputs stay', async context => {
  serve(context, answering(two));
  await findRuns('?plan=new');
  ask({ arrivalRate: 333, growth: 2 });
  await chooseRun('old');
  assert.deepEqual(inputs.value, { ...usualInputs(other), arrivalRate: 333, growth: 2 });
});

test('the later of two choices counts, however late the earlier is answered, and sliders keep their values', async context => {
  const late = Promise.withResolvers<Response>();
  const server = answering(two);
  serve(context, request => (request.route === `GET ${modelAddress('slow')}` ? late.promise : server(request)));
  await findRuns('?plan=new');
  const slow = chooseRun('slow');
  assert.deepEqual([loadingRun.value, chosenRun.value], ['slow', 'new']);
  const quick = chooseRun('old');
  ask({ growth: 3 });
  await quick;
  late.resolve(Response.json(fittedToTwo));
  await slow;
  assert.deepEqual([chosenRun.value, loadingRun.value, problem.value], ['old', undefined, undefined]);
  assert.deepEqual([fitted.value?.cpus, inputs.value?.growth], [4, 3]);
});

const damaged: readonly (readonly [name: string, text: unknown])[] = [
  ['null', null],
  ['a text cut in half', JSON.stringify(fittedToTwo).slice(0, 400)],
  ['no workloads', { ...fittedToTwo, workloads: [] }],
  ['no service', { ...fittedToTwo, service: undefined }],
  ['no cells', { ...fittedToTwo, measured: { ...fittedToTwo.measured, cells: undefined } }],
  ['no noise', { ...fittedToTwo, noise: undefined }],
  ['another version', { ...fittedToTwo, schema: 1 }],
];
for (const [name, text] of damaged) {
  test(`a damaged model (${name}) is a problem, and the run that was used stays`, async context => {
    serve(context, answering({ ...two, bad: text }));
    await findRuns('?plan=old');
    await chooseRun('bad');
    assert.match(problem.value ?? '', /^The model of bad .* \.\/loadline report bad makes it again\.$/);
    assert.deepEqual([chosenRun.value, loadingRun.value, fitted.value?.cpus], ['old', undefined, 4]);
  });
}

test('instead of a run without a usable model the next is taken, with the problem', async context => {
  serve(context, answering({ bad: null, ...two }));
  await findRuns('?plan=none&growth=2');
  assert.deepEqual([chosenRun.value, inputs.value?.growth], ['new', 2]);
  assert.match(problem.value ?? '', /^none has no model .* uses new\.$/);
  await findRuns('?plan');
  assert.equal(chosenRun.value, 'new');
  assert.match(problem.value ?? '', /^The model of bad cannot be read: /);
  await chooseRun('old');
  assert.equal(problem.value, undefined);
});

test('a user who is not logged in is asked for the token', async context => {
  let isKnown = true;
  const server = answering(two);
  serve(context, request => (isKnown ? server(request) : problemAnswer(401, 'Log in first.')));
  await findRuns('?plan=new');
  isKnown = false;
  await chooseRun('old');
  assert.deepEqual([access.value, problem.value, chosenRun.value], ['locked', undefined, 'new']);
  isKnown = true;
  await findRuns('?plan=old');
  assert.deepEqual([access.value, chosenRun.value], ['granted', 'old']);
});

test('a server that is away is a problem', async context => {
  serve(context, () => {
    throw new TypeError('fetch failed');
  });
  await findRuns('?plan');
  assert.match(problem.value ?? '', /cannot be reached/);
});
