/** Which filling a deployed Worker has: Cloudflare's e-mail binding, else an HTTP service, else none, which says so. */
import type { Letter, Mail } from './mail.ts';

interface MailEnv {
  MAIL?: SendEmail;
  MAIL_URL?: string;
  MAIL_TOKEN?: string;
  MAIL_FROM?: string;
}

const PATIENCE_MS = 10_000;

export function createMail({ MAIL, MAIL_URL, MAIL_TOKEN, MAIL_FROM }: MailEnv): Mail {
  const from = MAIL_FROM;
  if (MAIL && from) return { send: async (letter) => void (await MAIL.send({ from, ...letter })) };
  if (MAIL_URL && from) return { send: (letter) => post(letter, { from, url: MAIL_URL, token: MAIL_TOKEN }) };
  return {
    async send() {
      throw new Error('No mail was sent: bind MAIL, or set MAIL_URL, and set MAIL_FROM.');
    },
  };
}

/** The shape that Resend takes, and others by a few lines between. */
async function post(letter: Letter, to: { from: string; url: string; token: string | undefined }): Promise<void> {
  const response = await fetch(to.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(to.token && { authorization: `Bearer ${to.token}` }),
    },
    body: JSON.stringify({ from: to.from, ...letter }),
    redirect: 'manual',
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  if (!response.ok) throw new Error(`the mail service answered ${response.status}`);
}
