/** What people are written: that it says what it must, and that nobody's name is more than a name in it. */
import { expect, test } from 'vitest';
import { invitationLetter, signInLetter } from '../../edge/mail/letters.ts';

const ORIGIN = 'https://partners.shop.example';
const signIn = (agent = 'Firefox on Linux') =>
  signInLetter({ origin: ORIGIN, token: 'T'.repeat(43), code: '7K3QF-09XTM', agent });
const invitation = (of: Partial<Parameters<typeof invitationLetter>[0]> = {}) =>
  invitationLetter({ origin: ORIGIN, program: 'Kettle & Fell', partner: null, role: 'manager', by: 'Olga', ...of });

test('a sign-in has the link, the code, how long they are good, and what to do if nobody asked', () => {
  const { subject, text, html } = signIn();
  expect(subject).toBe('Sign in to Tributary');
  for (const said of ['in Firefox on Linux', '7K3QF-09XTM', '15 minutes', 'You did not ask?', 'Never give the code']) {
    expect(text).toContain(said);
    expect(html).toContain(said);
  }
  expect(text).toContain(`\n${ORIGIN}/sign-in/confirm#${'T'.repeat(43)}\n`);
  expect(html).toContain(`href="${ORIGIN}/sign-in/confirm#${'T'.repeat(43)}"`);
  // On a locked phone a subject is read by everybody.
  expect(subject).not.toContain('7K3QF');
});

test('an invitation says to what, as what, by whom; its link brings nobody in by itself', () => {
  expect(invitation().subject).toBe('Join Kettle & Fell');
  expect(invitation().text).toContain('Olga invites you to Kettle & Fell, as a manager.');
  const partner = invitation({ partner: 'Small Hours', role: 'member' });
  expect(partner.subject).toBe('Join Small Hours');
  expect(partner.text).toContain('Olga invites you to Small Hours, a partner of Kettle & Fell, as a member.');
  expect(partner.text).toContain(`\n${ORIGIN}/sign-in\n`);
  expect(partner.text).toContain('You did not expect this?');
  expect(invitation({ by: '  ' }).text).toContain('Somebody invites you');
});

test.each(['owner', 'manager', 'finance', 'compliance', 'analyst', 'member'] as const)(
  '%s is called something',
  (role) => {
    expect(invitation({ role }).text).toMatch(/, as [a-z ]+\./);
  },
);

test('names are escaped in HTML, and are no markup', () => {
  const name = `<img src=x onerror="alert(1)">'&`;
  const { html } = invitation({ program: name, partner: name, by: name });
  expect(html).not.toMatch(/<img|onerror="/);
  expect(html).toContain('&lt;img src=x onerror=&quot;alert(1)&quot;&gt;&#39;&amp;');
  expect(signIn('<b>x</b>').html).toContain('&lt;b&gt;x&lt;');
});

test('names stay on one line: no header, no second paragraph', () => {
  const name = 'Olga\r\nBcc: all@shop.example\n\nPay here\u2028now\u0000';
  const { subject, text } = invitation({ program: name, by: name });
  expect(subject).not.toMatch(/[\r\n\u2028\0]/);
  expect(text.split('\n\n')).toHaveLength(invitation().text.split('\n\n').length);
});

test('no mail program makes a link of a name', () => {
  const { text, html } = invitation({ by: 'Win at evil.example or https://evil.example/pay, a@evil.example' });
  for (const said of [text, html]) expect(said).not.toMatch(/evil\.example|https:\/\/evil|a@evil/);
});

test('a name is not a story', () => {
  expect(invitation({ by: '💶'.repeat(500) }).text).toContain(`${'💶'.repeat(80)} invites you`);
});

test('HTML loads nothing, runs nothing, and has colors by day and by night', () => {
  for (const { html } of [signIn(), invitation()]) {
    expect(html).not.toMatch(/<script|<img|<link|<iframe|url\(|src=/i);
    expect(html).toContain('<meta name="color-scheme" content="light dark">');
    // The only colors set are the button's, both of them.
    expect(html.match(/color: ?#[0-9a-f]+|background: ?#[0-9a-f]+/g)).toEqual([
      'background: #2f7d63',
      'color: #ffffff',
    ]);
  }
});
