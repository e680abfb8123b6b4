/** How laws are tried: a fixed seed, so that a failure can be run again; `LAWS_SEED` tries others. fast-check prints it. */
export const runs = (numRuns = 1_000) => ({
  seed: Number(process.env.LAWS_SEED ?? 20_261_123),
  numRuns: aPartOf(numRuns),
});

/** `LAWS_PART=10` tries a tenth, where laws are tried once for every change that could be made to the code. */
export const aPartOf = (count: number): number => Math.ceil(count / PART);
const PART = Number(process.env.LAWS_PART ?? 1);
