/** The local outbox, on a real KV namespace: letters newest first, their addresses as links, nothing else as markup. */
import { convertV4MiniflareOptions, Miniflare, type MiniflareOptions } from 'miniflare';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mailPage } from './demo/dev-pages.ts';
import { createOutbox, type Outbox } from './demo/outbox.ts';

let miniflare: Miniflare;
let outbox: Outbox;
let now = Date.UTC(2026, 10, 1, 12);
beforeAll(async () => {
  const script = 'export default { fetch: () => new Response() }';
  const options = { modules: true, script, compatibilityDate: '2026-10-01', kvNamespaces: ['OUTBOX'] };
  miniflare = new Miniflare(convertV4MiniflareOptions(options) as MiniflareOptions);
  const kv = await miniflare.getKVNamespace('OUTBOX');
  outbox = createOutbox(kv as unknown as Parameters<typeof createOutbox>[0], () => now);
});
afterAll(() => miniflare?.dispose());

const letter = (subject: string, text: string) => ({ to: 'anna@partner.test', subject, text, html: '<p>…</p>' });

test('the newest letter comes first, and names the link to follow', async () => {
  await outbox.send(letter('One', 'Nothing to follow.'));
  now += 1;
  await outbox.send(
    letter('Two', 'Open http://localhost:8787/sign-in/confirm#a_b-C, please.\n\nOr http://localhost/.'),
  );
  expect(await outbox.newest(50)).toMatchObject([
    { subject: 'Two', link: 'http://localhost:8787/sign-in/confirm#a_b-C', at: '2026-11-01T12:00:00.001Z' },
    { subject: 'One', link: null, to: 'anna@partner.test' },
  ]);
  expect(await outbox.newest(1)).toHaveLength(1);
});

test('a page shows text as text, and addresses as links', async () => {
  now += 1;
  await outbox.send(letter('<script>1</script>', '<img src=x> javascript:alert(1) http://localhost/"onclick="x <b>.'));
  const page = mailPage(await outbox.newest(1));
  expect(page.headers.get('content-security-policy')).not.toMatch(/unsafe|\*/);
  const text = await page.text();
  expect(text).toContain('&lt;script&gt;1&lt;/script&gt;');
  expect(text.match(/<a href="http:[^>]*>/g)).toEqual(['<a href="http://localhost/">']);
  expect(text).not.toMatch(/<img|<b>|href="javascript/);
});
