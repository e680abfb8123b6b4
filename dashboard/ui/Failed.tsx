/** What went wrong, in place of what it kept from us, and the way on. */
import type { Trouble } from '../api.ts';

export function Failed({ trouble, retry }: { trouble: Trouble; retry: () => void }) {
  return (
    <div class="notice" role="alert">
      <p class="notice-title">{trouble.title}</p>
      <p>{trouble.message}</p>
      <Way code={trouble.code} retry={retry} />
    </div>
  );
}

/** Asking again helps against most troubles, but finds nobody signed in and nothing where nothing is. */
function Way({ code, retry }: { code: string; retry: () => void }) {
  if (code === 'not_found') {
    return (
      <a class="button" href="/">
        Go to the overview
      </a>
    );
  }
  const signedOut = code === 'sign_in_required';
  return (
    <button type="button" class="button" onClick={signedOut ? () => location.assign('/') : retry}>
      {signedOut ? 'Go to the start' : 'Try again'}
    </button>
  );
}
