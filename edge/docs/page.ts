/** The frame of every page at /docs: one column to read, one row of places, no script but the one that tries calls. */
import { html } from 'hono/html';

/** Where the reader came by: what addresses of examples and links begin with. */
export interface Place {
  /** Such as https://shop.example. */
  readonly origin: string;
  /** The base path the reader came by, or nothing. */
  readonly base: string;
}

export type Html = ReturnType<typeof html>;

export const PAGES = [
  { name: '', title: 'Start' },
  { name: 'rules', title: 'Rules' },
  { name: 'limits', title: 'Limits' },
  { name: 'errors', title: 'Errors' },
  { name: 'security', title: 'Security' },
  { name: 'audit', title: 'Audit log' },
  { name: 'reference', title: 'Reference' },
] as const;
export type PageName = (typeof PAGES)[number]['name'];

export function frame(
  place: Place,
  name: PageName,
  { title, lead, body }: { title: string; lead: string; body: Html },
) {
  const { base } = place;
  const address = (page: PageName) => `${base}/docs${page && `/${page}`}`;
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <meta name="theme-color" content="#f3f6f5" media="(prefers-color-scheme: light)" />
    <meta name="theme-color" content="#0b1719" media="(prefers-color-scheme: dark)" />
    <meta name="description" content="${lead}" />
    <title>${title} · Tributary</title>
    <link rel="stylesheet" href="${base}/docs/style.css" />
    <script type="module" src="${base}/docs/try.js"></script>
  </head>
  <body>
    <a class="skip" href="#content">To the text</a>
    <header class="top">
      <a class="mark" href="${address('')}"><svg viewBox="0 0 32 32" aria-hidden="true"><path d="M24 6c0 8-8 7-8 14" /><path d="M8 6c0 8 8 7 8 14v6" /></svg>Tributary <span>docs</span></a>
      <nav aria-label="Documentation">
        ${PAGES.map((page) => html`<a href="${address(page.name)}" ${page.name === name ? html`aria-current="page"` : ''}>${page.title}</a>`)}
      </nav>
    </header>
    <main id="content" tabindex="-1">
      <h1>${title}</h1>
      <p class="lead">${lead}</p>
      ${body}
    </main>
    <footer><p>Tributary is free software under the MIT licence. This deployment answers for itself: no other service is asked. <a href="${base}/v1/openapi.json">OpenAPI</a></p></footer>
  </body>
</html>`;
}

/** Code to read and copy. Reachable by keyboard, since it may scroll. */
export const code = (text: string, label: string): Html =>
  html`<pre tabindex="0" role="group" aria-label="${label}"><code>${text}</code></pre>`;

/** Rows under their heads; the first cell of each names it. */
export const table = (caption: string, heads: readonly string[], rows: readonly (readonly (Html | string)[])[]): Html =>
  html`<div class="wide" tabindex="0" role="group" aria-label="${caption}"><table>
    <caption class="unseen">${caption}</caption>
    <thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
    <tbody>${rows.map(
      ([first, ...rest]) =>
        html`<tr><th scope="row">${first}</th>${rest.map((cell, at) => html`<td ${heads.length > 2 ? html`data-head="${heads[at + 1]}"` : ''}>${cell}</td>`)}</tr>`,
    )}</tbody>
  </table></div>`;
