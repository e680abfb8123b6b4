/** Which filling a deployed Worker has: Cloudflare's e-mail binding, else an HTTP service, else none, which says so. */
import type { Letter, Mail } from './mail.ts';

interface MailEnv {
  MAIL?: SendEmail;
  MAIL_URL?: string;
  MAIL_TOKEN?: string;
  /** `partners@shop.example`, or `Kettle & Fell <partners@shop.example>`. */
  MAIL_FROM?: string;
}

const PATIENCE_MS = 10_000;

export function createMail({ MAIL, MAIL_URL, MAIL_TOKEN, MAIL_FROM: from }: MailEnv): Mail {
  if (MAIL && from) return { send: (letter) => bind(letter, { binding: MAIL, from }) };
  if (MAIL_URL && from) return { send: (letter) => post(letter, { url: MAIL_URL, token: MAIL_TOKEN, from }) };
  return {
    async send() {
      throw new Error('No mail was sent: bind MAIL, or set MAIL_URL, and set MAIL_FROM.');
    },
  };
}

const NAMED = /^\s*"?(?<name>[^"<>]*?)"?\s*<(?<email>[^<>\s]+)>\s*$/;

/** Cloudflare takes the name and the address apart. */
async function bind(letter: Letter, { binding, from }: { binding: SendEmail; from: string }): Promise<void> {
  const { name, email = from.trim() } = NAMED.exec(from)?.groups ?? {};
  const { to, subject, text, html } = letter;
  await binding.send({ from: name ? { name, email } : email, to, subject, text, html });
}

/** The shape that Resend takes, and others by a few lines between. A letter lets somebody in: it goes over TLS alone. */
async function post(
  { to, subject, text, html }: Letter,
  { url, token, from }: { url: string; token: string | undefined; from: string },
): Promise<void> {
  if (!/^https:|^http:\/\/(localhost|127\.0\.0\.1)[:/]/.test(url)) throw new Error('MAIL_URL must begin with https:');
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ from, to, subject, text, html }),
    redirect: 'manual',
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  if (!response.ok) throw new Error(`the mail service answered ${response.status}`);
}
