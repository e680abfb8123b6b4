/** The pages under `/dev`: the outbox, and the code that an authenticator app would show. Local only. */
import { html } from 'hono/html';
import style from './dev.css';
import { ADDRESS, type Sent } from './outbox.ts';

/** Works without script: whoever has it sees new letters come in. */
const SCRIPT = `
const list = document.querySelector('.letters');
const said = document.querySelector('[role=status]');

async function look() {
  if (document.hidden) return;
  const answer = await fetch(location.pathname).catch(() => null);
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const fresh = [...page.querySelectorAll('.letters > li')].filter(({ id }) => !document.getElementById(id));
  // What is there stays where it is, with its focus.
  list.prepend(...fresh);
  if (fresh.length === 0) return;
  document.querySelector('.none')?.remove();
  said.textContent = fresh.length === 1 ? 'A new letter has come.' : fresh.length + ' new letters have come.';
}
if (list) setInterval(look, 2000);

const code = document.querySelector('[data-left-ms]');
if (code) setTimeout(() => location.reload(), Number(code.dataset.leftMs) + 200);
`;

export const SCRIPT_FILE = file(SCRIPT, 'text/javascript');
export const STYLE_FILE = file(style, 'text/css');

export function mailPage(letters: readonly Sent[]): Response {
  return page(
    'Outbox',
    'Mail is not sent from here: it stays on this machine.',
    html`<p class="soft" role="status">
        ${letters.length === 0 ? '' : 'Newest first; new letters appear by themselves, or when you reload.'}
      </p>
      ${letters.length === 0 ? html`<p class="none">No letter yet. Ask for a sign-in link, and look here again.</p>` : ''}
      <ol class="letters">
        ${letters.map(
          ({ id, at, to, subject, text }) => html`<li id="${id}">
            <h2>${subject}</h2>
            <dl>
              <div><dt>To</dt><dd>${to}</dd></div>
              <div><dt>Sent</dt><dd><time datetime="${at}">${at.slice(0, 19).replace('T', ' ')} UTC</time></dd></div>
            </dl>
            <div class="text">
              ${text
                .trim()
                .split(/\n{2,}/)
                .map((paragraph) => html`<p>${linked(paragraph)}</p>`)}
            </div>
          </li>`,
        )}
      </ol>`,
  );
}

export function codePage({ code, leftMs, people }: { code: string; leftMs: number; people: string[] }): Response {
  return page(
    'Code',
    `What an authenticator app would show for the demo’s finance people: ${people.join(', ')}.`,
    html`<p class="card">
        <output class="codes" data-left-ms="${leftMs}">${code}</output>
        <span class="soft">Good for ${Math.ceil(leftMs / 1000)} seconds more, and once for each of them. Then there is
        another.</span>
      </p>`,
  );
}

/** A text with its addresses as links. */
const linked = (text: string) =>
  text
    .split(new RegExp(`(${ADDRESS.source})`))
    .map((part, index) => (index % 2 === 1 ? html`<a href="${part}">${part}</a>` : part));

const page = (title: string, about: string, body: unknown) =>
  new Response(
    String(html`<!doctype html>
<html lang="en">
  <meta charset="utf-8" />
  <meta name="viewport" content="width=device-width, initial-scale=1" />
  <title>${title} · Tributary, local</title>
  <link rel="stylesheet" href="/dev/style.css" />
  <script type="module" src="/dev/script.js"></script>
  <header>
    <h1>${title}</h1>
    <nav><a href="/dev/mail">Outbox</a><a href="/dev/code">Code</a><a href="/">Dashboard</a></nav>
  </header>
  <main>
    <p class="soft">${about} A deployed Worker has no such page.</p>
    ${body}
  </main>
</html>`),
    {
      headers: {
        ...LOCAL,
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy':
          "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
      },
    },
  );

const LOCAL = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
};

function file(text: string, type: string) {
  return () => new Response(text, { headers: { ...LOCAL, 'content-type': `${type}; charset=utf-8` } });
}
