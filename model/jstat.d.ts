/** What Loadline takes from jStat, which brings no types of its own. */
declare module 'jstat' {
  interface Distribution<Parameters extends number[]> {
    cdf(x: number, ...parameters: Parameters): number;
    inv(p: number, ...parameters: Parameters): number;
  }
  const jstat: {
    readonly studentt: Distribution<[freedom: number]>;
    readonly normal: Distribution<[mean: number, deviation: number]>;
    readonly chisquare: Distribution<[freedom: number]>;
  };
  export = jstat;
}
