import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Deployment, deploymentName, deploymentOf } from '../../../model/deployment.ts';
import { topologyNames } from '../../../model/topology.ts';
import { type Box, laneHeight, layOutStage } from './layout.ts';

const CAPTION = 60;

/** The stage of these deployments, one below the other as on the page. */
function stageOf(deployments: readonly Deployment[], width: number) {
  let bottom = 18;
  const rooms = deployments.map(deployment => {
    const height = laneHeight(deployment, width, deployments.length);
    const top = bottom + CAPTION;
    bottom = top + height;
    return { id: deploymentName(deployment), deployment, top, height };
  });
  return layOutStage(width, bottom, rooms);
}

/** Every stage that must fit: 1 to 6 deployments with 1 to 64 CPUs and up to 64 workers each. */
const stages = [328, 360, 700, 1280, 1920].flatMap(width =>
  [1, 2, 4, 16, 64].flatMap(cpus =>
    [1, 2, 3, 6].map(count => {
      const deployments = topologyNames.slice(-count).map(id => {
        const threadsPerProcess = id === 'threads' ? 64 : Math.ceil(64 / cpus);
        return deploymentOf(id, cpus, id.endsWith('threads') ? { threadsPerProcess } : {});
      });
      const words = `${count} deployments of ${cpus} CPUs on ${width} px`;
      return { words, deployments, layout: stageOf(deployments, width) };
    }),
  ),
);

test('everything is within the stage, from left to right: clients, load balancer, workers, database', () => {
  for (const { words, layout } of stages) {
    assert.equal(right(layout.database), layout.width);
    for (const { clients, balancer, rows, workers, back, band } of layout.lanes) {
      const boxes = rows.flat().map(({ box }) => box);
      for (const box of [clients, balancer, ...boxes])
        assert.ok(isWithin(box, band), `${words}: ${JSON.stringify(box)}`);
      for (const { x, y, radius } of workers) {
        const circle = { left: x - radius, top: y - radius, width: 2 * radius, height: 2 * radius };
        assert.ok(
          boxes.some(box => isWithin(circle, box)),
          `${words}: a circle of ${radius}`,
        );
      }
      assert.ok(right(clients) + 10 < balancer.left, words);
      assert.ok(right(balancer) < back.x && back.x < Math.min(...boxes.map(({ left }) => left)), words);
      assert.ok(Math.max(...boxes.map(right)) + 4 < layout.database.left, words);
      assert.ok(back.y > balancer.top + balancer.height && back.y < band.top + band.height, words);
    }
  }
});

test('processes do not overlap and are as large as a fingertip, and workers are large enough to be seen', () => {
  for (const { words, layout } of stages) {
    for (const { rows, workers } of layout.lanes) {
      for (const { radius } of workers) assert.ok(radius >= 3, `${words}: a radius of ${radius}`);
      const boxes = rows.flat().map(({ box }) => box);
      for (const [index, box] of boxes.entries()) {
        assert.ok(box.width >= 23.5 && box.height >= 23.5, `${words}: ${box.width} × ${box.height}`);
        for (const other of boxes.slice(index + 1)) {
          const isBeside = right(box) <= other.left + 1e-6 || box.top + box.height <= other.top + 1e-6;
          assert.ok(isBeside, `${words}: ${JSON.stringify([box, other])}`);
        }
      }
    }
  }
});

test('a deployment has as many places as workers, process by process', () => {
  for (const { deployments, layout } of stages) {
    for (const [index, { processes, threadsPerProcess }] of deployments.entries()) {
      const { rows, workers } = layout.lanes[index] ?? assert.fail();
      assert.deepEqual([rows.flat().length, workers.length], [processes, processes * threadsPerProcess]);
      assert.deepEqual(
        rows.flat().flatMap(process => process.workers),
        [...workers.keys()],
      );
    }
  }
});

test('a blocking worker has one seat, an event loop many, none on top of another', () => {
  const { lanes, dotRadius } = stageOf([deploymentOf('sync', 2), deploymentOf('hybrid', 2)], 1280);
  const [sync, hybrid] = lanes.map(({ workers }) => workers[0] ?? assert.fail());
  assert.deepEqual(sync?.rings, [[{ x: 0, y: 0, ring: 0 }]]);
  const seats = hybrid?.rings.flat() ?? [];
  assert.ok(seats.length >= 60, `${seats.length} seats`);
  for (const [index, { x, y }] of seats.entries()) {
    assert.ok(Math.hypot(x, y) <= (hybrid?.radius ?? 0) + 1e-9);
    for (const other of seats.slice(index + 1)) assert.ok(Math.hypot(x - other.x, y - other.y) >= 2 * dotRadius);
  }
});

test('the rows of the queue are between the rails of the load balancer', () => {
  for (const { words, layout } of stages) {
    for (const { queue, balancer } of layout.lanes) {
      const { right: first, top, pitch, rows, columns } = queue;
      assert.ok(rows >= 5 && columns >= 8 && pitch >= 2 * layout.dotRadius, `${words}: ${rows} × ${columns}`);
      const [width, height] = [(columns - 1) * pitch, (rows - 1) * pitch];
      const dots = { left: first - width, top, width, height };
      assert.ok(isWithin(dots, balancer, layout.dotRadius), `${words}: ${JSON.stringify(dots)}`);
    }
  }
});

test('two deployments fit on a phone’s screen without scrolling, and six on a projector', () => {
  const heightOf = (names: readonly string[], width: number) =>
    stageOf(
      names.map(id => deploymentOf(id, 2)),
      width,
    ).height;
  assert.ok(heightOf(['sync', 'hybrid'], 328) < 420);
  assert.ok(heightOf(topologyNames.slice(0, 6), 1920) < 1250);
});

test('a stage without room has no negative sizes, which a canvas refuses', () => {
  for (const width of [40, 120]) {
    for (const id of topologyNames) {
      const [lane] = stageOf([deploymentOf(id, 8)], width).lanes;
      const boxes = lane?.rows.flat().flatMap(({ box }) => [box.width, box.height]) ?? [];
      const sizes = [...boxes, ...(lane?.workers.map(({ radius }) => radius) ?? [])];
      assert.ok(sizes.length > 0 && sizes.every(size => size >= 0), `${id} at ${width}: ${sizes}`);
    }
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
