/** How laws are tried: a fixed seed, so that a failure can be run again; `LAWS_SEED` tries others. fast-check prints it. */
export const runs = (numRuns = 1_000) => ({ seed: Number(process.env.LAWS_SEED ?? 20_261_123), numRuns });
