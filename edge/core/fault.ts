/** Faults as the log may have them: what a statement was given (addresses, names) stays out of it. */

/** A fault of the database without its values, and what it was caused by; every other fault as it is. */
export function tellable(fault: unknown): unknown {
  if (!(fault instanceof Error && 'query' in fault && 'params' in fault)) return fault;
  return new Error(`a query failed: ${String(fault.query)}`, { cause: fault.cause });
}
