/** Seats around a worker's centre, ring by ring, and how many each ring has. */
export interface Seats {
  readonly seats: readonly (readonly [x: number, y: number])[];
  readonly rings: readonly number[];
}

/** Of a blocking worker. */
export const seatForOne: Seats = { seats: [[0, 0]], rings: [1] };

/**
 * Where the tasks of an event loop sit: on its ring, clockwise from the top, and then on smaller rings inside, down to
 * the hub where the one task sits that the loop is at.
 */
export function seatsOf(radius: number, dotRadius: number): Seats {
  const pitch = dotRadius * 2 + 1.5;
  const seats: (readonly [number, number])[] = [];
  const rings: number[] = [];
  for (let ring = radius; ring >= hubRadius(radius, dotRadius) + pitch; ring -= pitch) {
    const count = Math.floor((2 * Math.PI * ring) / pitch);
    rings.push(count);
    for (let seat = 0; seat < count; seat++) {
      const angle = (2 * Math.PI * seat) / count - Math.PI / 2;
      seats.push([ring * Math.cos(angle), ring * Math.sin(angle)]);
    }
  }
  return rings.length > 0 ? { seats, rings } : seatForOne;
}

/** Of the middle of an event loop, in CSS pixels. */
export function hubRadius(radius: number, dotRadius: number): number {
  return Math.min(radius * 0.3, dotRadius * 2.6);
}
