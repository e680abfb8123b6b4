/** Mail of a deployed Worker: which filling sends, what it is given, and that a letter which was not taken is no success. */
import { afterEach, expect, test, vi } from 'vitest';
import { createMail } from '../../edge/mail/create.ts';

const LETTER = { to: 'anna@partner.example', subject: 'Hello', text: 'Hello.', html: '<p>Hello.</p>' };
const FROM = 'Kettle & Fell <partners@shop.example>';

const called = vi.fn<(address: string, init: RequestInit) => Promise<Response>>();
afterEach(() => {
  vi.unstubAllGlobals();
  called.mockReset();
});
const answering = (response: Response | Error) => {
  called.mockImplementation(async () => {
    if (response instanceof Error) throw response;
    return response;
  });
  vi.stubGlobal('fetch', called);
};
const binding = (send: (message: unknown) => Promise<unknown>) => ({ send }) as unknown as SendEmail;

test.each([
  [FROM, { name: 'Kettle & Fell', email: 'partners@shop.example' }],
  ['"Kettle, Fell" <partners@shop.example>', { name: 'Kettle, Fell', email: 'partners@shop.example' }],
  ['<partners@shop.example>', 'partners@shop.example'],
  [' partners@shop.example ', 'partners@shop.example'],
])('Cloudflare’s binding takes name and address apart: %s', async (from, told) => {
  const sent: unknown[] = [];
  await createMail({ MAIL: binding(async (message) => sent.push(message)), MAIL_FROM: from }).send(LETTER);
  expect(sent).toEqual([{ from: told, ...LETTER }]);
});

test('the binding goes before the service; what it does not take is told', async () => {
  answering(new Response());
  const refusing = binding(() => Promise.reject(new Error('no such destination')));
  const mail = createMail({ MAIL: refusing, MAIL_URL: 'https://mail.example/send', MAIL_FROM: FROM });
  await expect(mail.send(LETTER)).rejects.toThrow('no such destination');
  expect(called).not.toHaveBeenCalled();
});

test('an HTTP service is told as JSON, with its token, and follows no redirect', async () => {
  answering(new Response('{}'));
  await createMail({ MAIL_URL: 'https://mail.example/send', MAIL_TOKEN: 'secret', MAIL_FROM: FROM }).send(LETTER);
  const [address, init] = called.mock.calls[0] ?? [];
  expect(address).toBe('https://mail.example/send');
  expect(init).toMatchObject({
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer secret' },
    redirect: 'manual',
    signal: expect.any(AbortSignal),
  });
  expect(JSON.parse(String(init?.body))).toEqual({ from: FROM, ...LETTER });
});

test('a service without a token is told none', async () => {
  answering(new Response('{}', { status: 202 }));
  await createMail({ MAIL_URL: 'http://127.0.0.1:9999/send', MAIL_FROM: FROM }).send(LETTER);
  expect(called.mock.calls[0]?.[1].headers).toEqual({ 'content-type': 'application/json' });
});

test.each([
  ['refuses', new Response('no', { status: 422 }), '422'],
  ['leads elsewhere', new Response(null, { status: 302, headers: { location: 'https://evil.example' } }), '302'],
  ['is away', new TypeError('away'), 'away'],
])('a service that %s has not taken the letter', async (_, response, told) => {
  answering(response);
  await expect(createMail({ MAIL_URL: 'https://mail.example/send', MAIL_FROM: FROM }).send(LETTER)).rejects.toThrow(
    told,
  );
});

test.each(['http://mail.example/send', 'http://localhost.evil.example/send', 'ftp://mail.example'])(
  'a letter lets somebody in, so it goes over TLS: %s',
  async (url) => {
    answering(new Response('{}'));
    await expect(createMail({ MAIL_URL: url, MAIL_FROM: FROM }).send(LETTER)).rejects.toThrow('https:');
    expect(called).not.toHaveBeenCalled();
  },
);

test.each([
  ['nothing', {}],
  ['no sender', { MAIL_URL: 'https://mail.example/send' }],
  ['a binding without a sender', { MAIL: binding(async () => undefined) }],
  ['a sender alone', { MAIL_FROM: FROM }],
])('with %s set, it says what is missing', async (_, env) => {
  await expect(createMail(env).send(LETTER)).rejects.toThrow('set MAIL_FROM');
});
