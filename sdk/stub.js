// Pasted inline before sdk.js: queues calls until script.ts makes them and takes its place.
if (!window.tributary) {
  const stub = (...call) => stub.q.push(call);
  stub.q = [];
  window.tributary = stub;
}
