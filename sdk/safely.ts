/** In a stranger's page nothing throws: whatever is hostile, missing or switched off there, the page goes on without us. */
export function safely<Given extends unknown[], Result>(act: (...given: Given) => Result) {
  return (...given: Given): Result | undefined => {
    try {
      return act(...given);
    } catch {
      // Nobody is told.
    }
  };
}

export const silence = () => {};
