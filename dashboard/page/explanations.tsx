import { useId } from 'preact/hooks';
import { limits } from '../../model/limits.ts';
import { OBJECTIVE } from '../protocol.ts';

/** Words of the page and what they mean, as in docs/terminology.md. */
const meanings = {
  'arrival rate':
    'Requests per second that an open load sends to each deployment, on average. They come at random moments, as from many people who know nothing of each other (a Poisson process).',
  'offered load': 'Requests per second that k6 sent, answered or not.',
  throughput:
    'Successful responses per second, as nginx logged them. If it is below the offered load, something is the limit.',
  failed: `Requests per second without success, as nginx logged them: refused with status 503, accepted by no worker (502), cut off after nginx’s limit of ${limits.nginx.read} s (504), or given up by the client.`,
  waiting:
    'Requests that no worker has begun with, counted by their dots. They wait in a worker’s socket: nginx has no queue of its own and gives each request to a worker at once.',
  'response time':
    'Latency from the intended send to the last byte: waiting counts. Half of the requests were answered within p50, 99 of 100 within p99.',
  objective: `The condition under which a load counts as carried. On this page: p99 response time ≤ ${OBJECTIVE * 1000} ms.`,
  'requests in progress':
    'Requests that were sent and are not answered yet (the concurrency). If their number keeps growing, more requests arrive than can be served.',
  'utilisation of workers':
    'Busy fraction of the workers’ threads. A thread that is blocked on the database is busy. An event loop that waits is not.',
  'utilisation of CPUs':
    'CPU time of a deployment’s processes as a fraction of all CPUs of the machine. The grey line is everything together, with nginx, Postgres and k6.',
  'utilisation of database connections':
    'Fraction of a deployment’s database connections that carry a query. When all are in use, requests wait for one.',
  memory: 'Bytes of a deployment’s processes. Pages that several of them share count once.',
  topology:
    'A way to run the service: which app, how many processes, how many threads in each. Every topology answers the same requests, behind one nginx and in front of one Postgres.',
  worker:
    'One JavaScript thread that listens on one port. A blocking worker serves one request at a time. An event loop serves others while one waits.',
  'open load':
    'Requests arrive at their rate whether or not earlier ones were answered, as from the public. When answers are slow, requests pile up.',
  'closed load':
    'A fixed number of users. Each waits for the answer, pauses, and sends the next request: when answers are slow, fewer requests arrive.',
  'think time': 'A user’s pause between an answer and the next request, in seconds, on average.',
  users: 'Clients of each deployment under a closed load. Each has at most one request in progress.',
  wait: 'Milliseconds for which the request’s query waits in the database (pg_sleep), without CPU. A blocking worker waits with it. An event loop serves others.',
  reads: 'Queries of one row each that a request makes one after the other.',
  item: 'The id of the row that each request reads.',
  rows: 'Rows that each request reads in one query.',
  workload: 'The route that is requested, and its parameters. All deployments get the same.',
  'unit of computing': 'A fixed piece of integer work, about 50 µs of one CPU: 100 units are about 5 ms.',
  burst:
    'Requests that are sent at the same instant to each deployment on the stage, on top of the load. Of 100 at once, two blocking workers serve two; the others wait.',
  dot: 'A real request to a real worker, shown one second after it happened. One dot may stand for several. nginx gives each request to a worker’s socket at once; “waiting” means that this worker has not begun with it.',
  mark: 'Events that explain a curve: a worker ended or came back, requests were refused with status 503, the database went away or came back.',
  'hold the CPU':
    'One request that computes for about two seconds. Everything else on its event loop waits until it is done. Of a pool of blocking workers only one is taken (claim C9).',
  'database connections':
    'The limit of a deployment’s connections, shared out over its workers. An event loop can wait for many queries at once, but for no more than it has connections (claim C8).',
  'end a worker':
    'Its process exits at once, as in a crash, with every worker in it. PM2 starts it again. Meanwhile nginx uses the others.',
  'database away':
    'For five seconds Postgres accepts no connection, and existing connections are cut off. Workers answer 503 or wait, and recover by themselves.',
  run: 'One execution of an experiment: deployments measured in shuffled blocks, each capacity with its 95 % interval.',
  plan: 'A model, fitted to the measurements of one run, predicts what other sizes and machines would carry. The prediction is as good as the measurements.',
  'planned arrival rate': 'Current requests per second, over all machines. Growth multiplies it.',
  'planned objective':
    'The response time that this part of all requests may not exceed. With p99, one request of 100 may take longer.',
  growth: 'The load to plan for, as a multiple of the current one.',
  headroom:
    'The part of the capacity that stays free at the planned load. With 30 %, a capacity of 1,000/s is used for 700/s.',
  'CPUs of a machine':
    'nginx, workers and Postgres share them, and so does the load generator if it runs on the same machine.',
  'limit of connections':
    'The connections that Postgres accepts in all. Without a limit the plan uses as many as help.',
  'limit of memory':
    'The memory of each machine, for nginx, workers, Postgres and the load generator. A deployment that needs more is rejected.',
  'memory of all machines': 'Of nginx, workers and the one Postgres at the planned load, without the load generator.',
  'database wait': 'How long queries wait in the database, as a multiple of the wait in the workload.',
  'source of requests':
    'During the measurement k6 used CPUs of the same machine. “elsewhere” plans without k6 on the machine.',
  capacity:
    'The highest load at which the objective is met, of all machines together. The 95 % interval covers how well the model is known and how much one start of the workers differs from the next.',
  margin:
    'How far the capacity is above the required load, headroom included. A margin within the model’s error is not reliable.',
  bottleneck: 'The resource that is saturated first when the load grows.',
  'formulas and simulation':
    'Formulas answer while a slider moves; they are off by a few percent. Once nothing has moved for a moment, the question is simulated request by request.',
  extrapolation:
    'How far a question lies outside the measurements. Up to the stated factor the model is trusted; beyond it, you must ask for an answer.',
} as const satisfies Record<string, string>;

/** A word that the page explains. */
export type ExplainedWord = keyof typeof meanings;

/** A button beside a word that shows what the word means. */
export function What({ word }: { readonly word: ExplainedWord }) {
  const id = useId();
  const term = word.charAt(0).toUpperCase() + word.slice(1);
  return (
    <>
      <button type="button" class="what" popovertarget={id} aria-label={`What is this? ${term}`} title="What is this?">
        ?
      </button>
      <div id={id} popover="auto" class="meaning">
        <strong>{term}</strong>
        <p>{meanings[word]}</p>
      </div>
    </>
  );
}
