/**
 * What runs in a page of /docs: calls are tried from the reference, and nothing else. Plain words for a browser, served
 * as they stand: whatever a page needs to be read works without them.
 */
export const SCRIPT = String.raw`
const key = document.querySelector('#key');
document.querySelector('#key-form')?.removeAttribute('hidden');
document.querySelector('#key-form')?.addEventListener('submit', (event) => event.preventDefault());

for (const details of document.querySelectorAll('details.try')) {
  details.hidden = false;
  const form = details.querySelector('form');
  const output = details.querySelector('output');
  const button = details.querySelector('button');
  const say = (head, text = '') => {
    const title = document.createElement('b');
    title.textContent = head;
    const body = document.createElement('pre');
    body.tabIndex = 0;
    body.textContent = text;
    output.replaceChildren(title, ...(text ? [body] : []));
  };
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const { method, auth, base } = form.dataset;
    const { address, body } = form.elements;
    const secret = auth === 'secret' || auth === 'reader' ? key.value.trim() : '';
    if (auth === 'secret' && !secret) {
      say('This call takes a secret key: put one in at the top of the page.');
      key.focus();
      return;
    }
    if (/^trb_sk_live_/.test(secret) && method !== 'GET') {
      say('That is a live key, and this call changes things. Use the sandbox’s.');
      return;
    }
    // Only ever this host, whatever was typed: the key goes along. Browsers drop a tab between two slashes.
    if (!/^\/(?!\/)[^\\\s]*$/.test(address.value)) {
      say('An address here begins with one slash.');
      return;
    }
    button.disabled = true;
    try {
      const response = await fetch(base + address.value, {
        method,
        headers: {
          ...(secret && { authorization: 'Bearer ' + secret }),
          ...(body && { 'content-type': 'application/json' }),
        },
        ...(body && { body: body.value }),
      });
      const text = await response.text();
      let shown = text;
      try {
        shown = JSON.stringify(JSON.parse(text), null, 2);
      } catch {}
      say(response.status + ' ' + response.statusText, shown);
    } catch (cause) {
      say('No answer came.', String(cause));
    } finally {
      button.disabled = false;
    }
  });
}
`;
