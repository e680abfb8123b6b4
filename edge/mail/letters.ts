/**
 * What people are written: a text, and the same as simple HTML that reads well by day and by night. Names are other
 * people's words: in HTML they are escaped, and no mail program makes a link of them.
 */
import type { Role } from '../core/access.ts';
import type { Letter } from './mail.ts';

/** A letter before it has an address. */
export type Written = Omit<Letter, 'to'>;

/** Signs in whoever asked, in the browser that asked. */
export function signInLetter(of: {
  /** Where the dashboard is: `https://partners.shop.example`. */
  origin: string;
  token: string;
  code: string;
  /** What asked: `Firefox on Linux`. */
  agent: string;
}): Written {
  const agent = nameOf(of.agent);
  return written('Sign in to Tributary', [
    { text: `Somebody asked to sign in with this address${agent && `, in ${agent}`}.` },
    {
      text: 'Open this link in the browser where you asked, and press “Sign in” there.',
      // In the fragment: no log and no referrer ever has it.
      button: { label: 'Sign in', address: `${of.origin}/sign-in/confirm#${of.token}` },
    },
    { text: 'You asked in another browser, or on another device? Type this code there:', code: of.code },
    { text: 'Both are good for 15 minutes, once, and only in the browser that asked.' },
    {
      text: 'You did not ask? Then there is nothing to do: nobody gets in without this letter. Never give the code or the link to anybody, whoever says they need it.',
    },
  ]);
}

/** Invites somebody to a place; nothing of it is theirs before they say yes. */
export function invitationLetter(of: {
  origin: string;
  /** What people call the program, and the partner; null: the program's own side. */
  program: string;
  partner: string | null;
  role: Role;
  /** Who invites. */
  by: string;
}): Written {
  const program = nameOf(of.program);
  const partner = of.partner === null ? null : nameOf(of.partner);
  const by = nameOf(of.by) || 'Somebody';
  const place = partner === null ? program : `${partner}, a partner of ${program}`;
  return written(`Join ${partner ?? program}`, [
    { text: `${by} invites you to ${place}, as ${ROLES[of.role]}.` },
    {
      text: 'Sign in with the address that this letter came to, then press “Join”.',
      button: { label: 'Sign in', address: `${of.origin}/sign-in` },
    },
    { text: 'Nothing changes before you do, and until then nobody learns more of you than this address.' },
    { text: 'You did not expect this? Then there is nothing to do: without your yes it comes to nothing.' },
  ]);
}

const ROLES: Readonly<Record<Role, string>> = {
  owner: 'an owner',
  manager: 'a manager',
  finance: 'finance',
  compliance: 'compliance',
  analyst: 'an analyst',
  member: 'a member',
};

interface Paragraph {
  readonly text: string;
  readonly button?: { readonly label: string; readonly address: string };
  readonly code?: string;
}

function written(subject: string, paragraphs: readonly Paragraph[]): Written {
  const text = paragraphs.flatMap(({ text, button, code }) => [text, button?.address ?? [], code ?? []].flat());
  return { subject, text: `${text.join('\n\n')}\n`, html: page(subject, paragraphs) };
}

/** Colors of the reader's own, light or dark, but for the button, which reads on both. */
const page = (title: string, paragraphs: readonly Paragraph[]): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${escaped(title)}</title>
<style>:root { color-scheme: light dark; }</style>
</head>
<body style="margin: 0; padding: 24px; font: 16px/1.5 system-ui, sans-serif;">
<div style="max-width: 520px; margin: 0 auto;">
${paragraphs.map(paragraph).join('\n')}
</div>
</body>
</html>
`;

function paragraph({ text, button, code }: Paragraph): string {
  const lines = [`<p style="margin: 0 0 16px;">${escaped(text)}</p>`];
  if (button) {
    const look =
      'display: inline-block; padding: 12px 20px; border-radius: 8px; background: #2f7d63; color: #ffffff; text-decoration: none;';
    lines.push(
      `<p style="margin: 0 0 24px;"><a href="${escaped(button.address)}" style="${look}">${escaped(button.label)}</a></p>`,
    );
  }
  if (code) {
    const look = 'margin: 0 0 24px; font: 24px/1.5 ui-monospace, Menlo, Consolas, monospace; letter-spacing: 1px;';
    lines.push(`<p style="${look}">${escaped(code)}</p>`);
  }
  return lines.join('\n');
}

const MAX_NAME = 80;

/** A name on one line, not too long; after a dot, a colon, a slash or an @ stands a joiner that nobody sees. */
const nameOf = (name: string): string =>
  [...name.replace(/[\p{C}\p{Z}]+/gu, ' ').trim()]
    .slice(0, MAX_NAME)
    .join('')
    .replace(/[.:/@](?=\S)/g, '$&\u2060');

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string => text.replace(/[&<>"']/g, (letter) => ENTITIES[letter] ?? '');
