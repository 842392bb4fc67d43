import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { readTrials } from '../run/trials-file.ts';
import { checkAnswer } from './check-answer.ts';
import { exercises } from './list.ts';
import { asShown } from './quantity.ts';
import { shownFigure } from './testdata/shown-figure.ts';
import { TrialFacts } from './trial-facts.ts';

// Every exercise as somebody does it who has nothing but the question as it is printed, and rounds on the way or does not.
const facts = new TrialFacts(readTrials(join(import.meta.dirname, '../../docs/exercises/trials.jsonl')));

/** A figure of the question, in seconds, per second, bytes or as a fraction. */
type Given = (what: string) => number;
/** What is done with each result on the way. */
type Rounding = (value: number) => number;

function givenOf(number: number): Given {
  const all = exercises[number - 1]?.asked(facts).given ?? [];
  return what => {
    const text = all.find(one => one.what.includes(what))?.value ?? assert.fail(`${what} in exercise ${number}`);
    return shownFigure(text);
  };
}

const byHand: Readonly<Record<number, (given: Given, r: Rounding) => number>> = {
  1: (given, r) => r(given('people inside') / r(given('clerks') / given('time with a clerk'))),
  2: (given, r) => r(Math.ceil(given('clients') / given('blocking workers')) * given('keeps its worker')),
  3: (given, r) => Math.ceil(r(given('requests') / Math.ceil(r(given('requests') / given('connections'))))),
  4: (given, r) => r(given('workers') / r(given('busy workers') / given('completed'))),
  5: (given, r) => {
    const [arrivals, service, wait] = [given('arrivals'), given('keeps its worker'), given('longer waits')];
    const traffic = r(arrivals * service);
    for (let workers = Math.floor(traffic) + 1; ; workers++) {
      let blocked = 1;
      for (let k = 1; k <= workers; k++) blocked = r((traffic * blocked) / r(k + traffic * blocked));
      const waits = r(blocked / r(1 - r(traffic / workers) * (1 - blocked)));
      if (r(waits * Math.exp(-r(workers / service - arrivals) * wait)) <= given('for at most')) return workers;
    }
  },
  6: (given, r) => {
    const [service, arrivals] = [given('service time'), given('arrivals')];
    const busy = r(arrivals * service);
    let [low, high] = [0, busy];
    for (let halving = 0; halving < 40; halving++) {
      const middle = (low + high) / 2;
      if (Math.exp(-(1 - middle) / busy) > middle) low = middle;
      else high = middle;
    }
    const waiting = r(low);
    return r(r((busy * service) / r(1 - busy)) / r((waiting * service) / r(1 - waiting)));
  },
  7: (given, r) => {
    const all = exercises[6]?.asked(facts).given ?? [];
    const processes = all.map(({ what }) => /^(\d+) blocking processes/.exec(what)?.[1]).find(Boolean);
    return r(given('requests in the database') * r(given('blocking processes') / Number(processes)));
  },
  8: (given, r) => {
    const hold = r(given('seconds of connections') / given('completed'));
    return Math.ceil(r(r(given('arrivals') * hold) / given('in use at most')));
  },
  9: (given, r) => {
    const hold = given('keeps its worker');
    const bounds = [
      given('clients') / hold,
      given('blocking workers') / hold,
      given('sessions') / given('keeps a session'),
    ];
    return r(Math.min(...bounds));
  },
  10: (given, r) => {
    const [light, heavy, part] = [given('a light request'), given('a heavy one'), given('part of heavy')];
    const busy = r(given('arrivals') * r((1 - part) * light + part * heavy));
    const squares = r((1 - part) * light ** 2 + part * heavy ** 2);
    return r((given('arrivals') * squares) / r(2 * (1 - busy)));
  },
  11: (given, r) => Math.ceil(r(given('arrivals') / given('its interval'))) + 1,
  // What no hand can compute is how few are enough; the fewest that can be are known.
  12: (given, r) => {
    const required = r(r(given('today') * given('growth')) / (1 - given('headroom')));
    const inUse = r(required * given('holds its connection'));
    return (Math.floor(inUse / given('loops')) + 1) * given('loops');
  },
};

for (const [how, rounding] of [
  ['to the end', (value: number) => value],
  ['with three digits at each step', asShown],
] as const) {
  for (const { number, title, unit, answer } of exercises) {
    test(`${number}: who computes with what is shown, ${how}, is right about ${title}`, () => {
      const found = byHand[number]?.(givenOf(number), rounding) ?? assert.fail(`exercise ${number}`);
      assert.deepEqual(checkAnswer(found, answer(facts), unit), { right: true }, `${found}`);
    });
  }
}

test('8: the number of connections is far from where the next one begins', () => {
  const given = givenOf(8);
  const exact = (given('arrivals') * given('seconds of connections')) / given('completed') / given('in use at most');
  assert.ok(exact % 1 > 0.25 && exact % 1 < 0.75, `${exact}`);
});
