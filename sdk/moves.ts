/** For browsers without the Navigation API: says `currententrychange` on the window when the address may have changed. */
export default function watchMoves(): void {
  const tell = () => void dispatchEvent(new Event('currententrychange'));
  addEventListener('popstate', tell);
  for (const name of ['pushState', 'replaceState'] as const) {
    const move = history[name];
    history[name] = (...given) => {
      move.apply(history, given);
      tell();
    };
  }
}
