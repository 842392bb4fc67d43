import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Deployment, deploymentName, deploymentOf } from '../../../model/deployment.ts';
import { topologyNames } from '../../../model/topology.ts';
import { type Box, laneHeight, layOutStage } from './layout.ts';

/** The stage of these deployments, one below the other as on the page. */
function layOutTestStage(deployments: readonly Deployment[], width: number) {
  let bottom = 18;
  const rooms = deployments.map(deployment => {
    const height = laneHeight(deployment, width, deployments.length);
    const top = bottom + 60;
    bottom = top + height;
    return { id: deploymentName(deployment), deployment, top, height };
  });
  return layOutStage(width, bottom, rooms);
}

for (const width of [328, 360, 700, 1280, 1920]) {
  test(`on ${width} px everything has its place, for 1 to 6 deployments with 1 to 64 CPUs and up to 64 workers`, () => {
    for (const cpus of [1, 2, 4, 16, 64]) {
      for (const count of [1, 2, 3, 6]) {
        const deployments = topologyNames.slice(-count).map(id => {
          const threadsPerProcess = id === 'threads' ? 64 : Math.ceil(64 / cpus);
          return deploymentOf(id, cpus, id.endsWith('threads') ? { threadsPerProcess } : {});
        });
        checkStage(deployments, width);
      }
    }
  });
}

function checkStage(deployments: readonly Deployment[], width: number): void {
  const { lanes, database, dotRadius } = layOutTestStage(deployments, width);
  assert.equal(right(database), width);
  for (const [index, { clients, balancer, queue, rows, workers, back, band }] of lanes.entries()) {
    const { processes = 0, threadsPerProcess = 0, topology } = deployments[index] ?? {};
    const check = (holds: boolean, what: string): void => assert.ok(holds, `${topology} ${processes}: ${what}`);
    assert.equal(rows.flat().length, processes);
    assert.equal(workers.length, processes * threadsPerProcess);
    assert.deepEqual(
      rows.flat().flatMap(process => process.workers),
      [...workers.keys()],
    );
    const boxes = rows.flat().map(({ box }) => box);
    for (const box of [clients, balancer, ...boxes]) check(isWithin(box, band), 'within its lane');
    check(right(clients) + 10 < balancer.left, 'clients are left of the load balancer');
    check(right(balancer) < back.x && back.x < Math.min(...boxes.map(({ left }) => left)), 'there is a way between');
    check(Math.max(...boxes.map(right)) + 4 < database.left, 'workers are left of the database');
    check(back.y > balancer.top + balancer.height && back.y < band.top + band.height, 'the way back is below');
    for (const [place, box] of boxes.entries()) {
      check(box.width >= 23.5 && box.height >= 23.5, 'a process is as large as a fingertip');
      for (const other of boxes.slice(place + 1)) {
        check(right(box) <= other.left + 1e-6 || box.top + box.height <= other.top + 1e-6, 'no overlap');
      }
    }
    for (const { x, y, radius } of workers) {
      const circle = { left: x - radius, top: y - radius, width: 2 * radius, height: 2 * radius };
      check(radius >= 3 && boxes.some(box => isWithin(circle, box)), `a worker of ${radius} in its process`);
    }
    const { right: first, top, pitch, rows: queueRows, columns } = queue;
    check(queueRows >= 5 && columns >= 8 && pitch >= 2 * dotRadius, `a queue of ${queueRows} × ${columns}`);
    const [length, height] = [(columns - 1) * pitch, (queueRows - 1) * pitch];
    check(isWithin({ left: first - length, top, width: length, height }, balancer, dotRadius), 'between the rails');
  }
}

test('a blocking worker has one seat, an event loop many, none on top of another', () => {
  const { lanes, dotRadius } = layOutTestStage([deploymentOf('sync', 2), deploymentOf('hybrid', 2)], 1280);
  const [sync, hybrid] = lanes.map(({ workers }) => workers[0] ?? assert.fail());
  assert.deepEqual(sync?.rings, [[{ x: 0, y: 0, ring: 0 }]]);
  const seats = hybrid?.rings.flat() ?? [];
  assert.ok(seats.length >= 60, `${seats.length} seats`);
  for (const [index, { x, y }] of seats.entries()) {
    assert.ok(Math.hypot(x, y) <= (hybrid?.radius ?? 0) + 1e-9);
    for (const other of seats.slice(index + 1)) assert.ok(Math.hypot(x - other.x, y - other.y) >= 2 * dotRadius);
  }
});

test('two deployments fit on a phone’s screen without scrolling, and six on a projector', () => {
  for (const [names, width, most] of [
    [['sync', 'hybrid'], 328, 420],
    [topologyNames.slice(0, 6), 1920, 1250],
  ] as const) {
    const deployments = names.map(id => deploymentOf(id, 2));
    assert.ok(layOutTestStage(deployments, width).height < most);
  }
});

test('a stage without room has no negative sizes, which a canvas refuses', () => {
  for (const id of topologyNames) {
    const [lane] = layOutTestStage([deploymentOf(id, 8)], 40).lanes;
    const boxes = lane?.rows.flat().flatMap(({ box }) => [box.width, box.height]) ?? [];
    const sizes = [...boxes, ...(lane?.workers.map(({ radius }) => radius) ?? [])];
    assert.ok(sizes.length > 0 && sizes.every(size => size >= 0), `${id}: ${sizes}`);
  }
});

function right({ left, width }: Box): number {
  return left + width;
}

/** Whether a box is within another, with this margin. */
function isWithin(box: Box, other: Box, margin = -1e-6): boolean {
  const isWide = box.left - margin >= other.left && right(box) + margin <= right(other);
  return isWide && box.top - margin >= other.top && box.top + box.height + margin <= other.top + other.height;
}
