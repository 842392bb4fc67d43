import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Deployment, deploymentName, deploymentOf } from '../../../model/deployment.ts';
import { topologyNames } from '../../../model/topology.ts';
import { laneHeight, type StageLayout, stageLayout } from './layout.ts';
import type { Box } from './process-places.ts';

const WIDTHS = [328, 360, 700, 1280, 1920];
const CAPTION = 60;

/** The stage of these deployments, one under the other as the page has them. */
function stageOf(deployments: readonly Deployment[], width: number): StageLayout {
  let bottom = 18;
  const rooms = deployments.map(deployment => {
    const height = laneHeight(deployment, width, deployments.length);
    const top = bottom + CAPTION;
    bottom = top + height;
    return { id: deploymentName(deployment), deployment, top, height };
  });
  return stageLayout(width, bottom, rooms);
}

/** Every stage that must fit: 1 to 6 deployments with 1 to 64 CPUs and up to 64 workers each. */
const stages = WIDTHS.flatMap(width =>
  [1, 2, 4, 16, 64].flatMap(cpus =>
    [1, 2, 3, 6].map(count => {
      const deployments = topologyNames.slice(-count).map(id =>
        deploymentOf(id, cpus, {
          ...(id.endsWith('threads') && {
            threadsPerProcess: id === 'threads' ? 64 : Math.ceil(64 / cpus),
          }),
        }),
      );
      const words = `${count} deployments of ${cpus} CPUs on ${width} px`;
      return { words, deployments, layout: stageOf(deployments, width) };
    }),
  ),
);

test('everything lies within the stage, from left to right: clients, load balancer, workers, database', () => {
  for (const { words, layout } of stages) {
    for (const { clients, balancer, processes, workers, back, band } of layout.lanes) {
      const boxes = [clients, balancer, ...processes.map(({ box }) => box)];
      for (const box of boxes) assert.ok(isWithin(box, band), `${words}: ${JSON.stringify(box)}`);
      assert.ok(right(clients) + 10 < balancer.left, words);
      const first = Math.min(...processes.map(({ box }) => box.left));
      assert.ok(right(balancer) < back.x && back.x < first, words);
      assert.ok(Math.max(...processes.map(({ box }) => right(box))) + 4 < layout.database.left, words);
      for (const { cell, x, y, radius } of workers) {
        assert.ok(x - radius >= cell.left && x + radius <= right(cell), `${words}: a circle of ${radius}`);
        assert.ok(y - radius >= cell.top && y + radius <= cell.top + cell.height, `${words}: a circle of ${radius}`);
      }
      assert.ok(back.y > balancer.top + balancer.height && back.y < band.top + band.height, words);
    }
    assert.equal(right(layout.database), layout.width);
  }
});

test('processes do not overlap, and each is as large as a fingertip, workers large enough to be seen', () => {
  for (const { words, layout } of stages) {
    for (const { processes, workers } of layout.lanes) {
      const boxes = processes.map(({ box }) => box);
      for (const [index, box] of boxes.entries()) {
        assert.ok(box.width >= 23.5 && box.height >= 23.5, `${words}: ${box.width} × ${box.height}`);
        for (const other of boxes.slice(index + 1)) assert.ok(!overlap(box, other), words);
      }
      for (const { radius } of workers) assert.ok(radius >= 3, `${words}: a radius of ${radius}`);
    }
  }
});

test('a deployment has as many places as workers, process by process', () => {
  for (const { deployments, layout } of stages) {
    for (const [index, { processes, threadsPerProcess }] of deployments.entries()) {
      const lane = layout.lanes[index];
      assert.equal(lane?.processes.length, processes);
      assert.equal(lane.workers.length, processes * threadsPerProcess);
      assert.deepEqual(
        lane.processes.flatMap(({ workers }) => workers),
        lane.workers.map((_, worker) => worker),
      );
    }
  }
});

test('a blocking worker has a seat for one, an event loop many, all on its disc', () => {
  const { lanes, dotRadius } = stageOf([deploymentOf('sync', 2), deploymentOf('hybrid', 2)], 1280);
  const [sync, hybrid] = lanes;
  assert.deepEqual(sync?.workers[0]?.seats, [[0, 0]]);
  const loop = hybrid?.workers[0];
  assert.ok(loop !== undefined && loop.seats.length >= 60, `${loop?.seats.length} seats`);
  for (const [x, y] of loop.seats) assert.ok(Math.hypot(x, y) <= loop.radius + 1e-9);
  for (const [index, [x, y]] of loop.seats.entries()) {
    for (const [otherX, otherY] of loop.seats.slice(index + 1)) {
      assert.ok(Math.hypot(x - otherX, y - otherY) >= 2 * dotRadius, 'two tasks on top of each other');
    }
  }
  assert.equal(
    loop.rings.reduce((sum, seats) => sum + seats, 0),
    loop.seats.length,
  );
});

test('the rows in which requests wait lie between the rails of the load balancer', () => {
  for (const { words, layout } of stages) {
    for (const { queue, balancer } of layout.lanes) {
      const { right: first, top, pitch, rows, columns } = queue;
      assert.ok(rows >= 5 && columns >= 8, `${words}: ${rows} × ${columns}`);
      assert.ok(pitch >= 2 * layout.dotRadius, words);
      assert.ok(top - layout.dotRadius >= balancer.top, words);
      assert.ok(top + (rows - 1) * pitch + layout.dotRadius <= balancer.top + balancer.height, words);
      assert.ok(first + layout.dotRadius < right(balancer), words);
      assert.ok(first - (columns - 1) * pitch - layout.dotRadius >= balancer.left, words);
    }
  }
});

test('two deployments fit on a phone’s screen without scrolling, and six on a projector', () => {
  const heightOf = (names: readonly (typeof topologyNames)[number][], width: number): number =>
    stageOf(
      names.map(id => deploymentOf(id, 2)),
      width,
    ).height;
  assert.ok(heightOf(['sync', 'hybrid'], 328) < 420);
  assert.ok(heightOf(topologyNames.slice(0, 6), 1920) < 1250);
});

function right({ left, width }: Box): number {
  return left + width;
}

function isWithin(box: Box, other: Box): boolean {
  const slack = 1e-6;
  return (
    box.left >= other.left - slack &&
    right(box) <= right(other) + slack &&
    box.top >= other.top - slack &&
    box.top + box.height <= other.top + other.height + slack
  );
}

function overlap(one: Box, other: Box): boolean {
  return (
    one.left < right(other) - 1e-6 &&
    other.left < right(one) - 1e-6 &&
    one.top < other.top + other.height - 1e-6 &&
    other.top < one.top + one.height - 1e-6
  );
}

test('a stage that has no room, as while it is folded away, has nothing of less than no size', () => {
  for (const width of [0, 40, 120]) {
    for (const id of topologyNames) {
      const [lane] = stageOf([deploymentOf(id, 8, {})], width).lanes;
      const sizes = [
        ...(lane?.processes ?? []).flatMap(({ box }) => [box.width, box.height]),
        ...(lane?.workers ?? []).map(({ radius }) => radius),
      ];
      assert.ok(sizes.length > 0 && sizes.every(size => size >= 0), `${id} at ${width}: ${sizes}`);
    }
  }
});
