/**
 * Goal: who one is, from where one looks and what one does about it hold together whatever comes when.
 * Method: models over an API and a browser whose answers the test gives; what the screens offer is held against the
 * engine's own policy table.
 */
import { describe, expect, test } from 'vitest';
import { type Act, Trouble } from '../../dashboard/api.ts';
import { AuditModel, EVERYTHING, filterOf } from '../../dashboard/models/audit.ts';
import { KeysModel, stateOf } from '../../dashboard/models/keys.ts';
import { SecondModel } from '../../dashboard/models/second.ts';
import { SecurityModel } from '../../dashboard/models/security.ts';
import { SessionModel } from '../../dashboard/models/session.ts';
import { LinkModel, SignInModel } from '../../dashboard/models/sign-in.ts';
import { StepsModel } from '../../dashboard/models/steps.ts';
import { actOn, rolesToGive, TeamModel } from '../../dashboard/models/team.ts';
import { pathWithin } from '../../dashboard/ui/format.ts';
import {
  ACTS,
  actOnTeam,
  decide,
  PARTNER_ROLES,
  type Place,
  PROGRAM_ROLES,
  type SignedIn,
} from '../../edge/core/access.ts';
import type { PartnerId, PersonId, ProgramId } from '../../edge/core/id.ts';
import { fakeApi, fakePasskeys, memberOf, placeOf, sessionOf, tabOf } from './fake.ts';

const refusal = (code: string) => new Trouble({ code, title: 'No', detail: 'It was refused.' });

describe('who is signed in', () => {
  test('nobody is an answer, not the lack of one', async () => {
    const { api, last } = fakeApi();
    const model = new SessionModel(api, tabOf());
    model.open();
    expect(model.session.answer.value).toBeNull();
    await last('session').answer(null);
    expect([model.session.answer.value, model.who.value, model.place()]).toEqual([{ who: null }, null, null]);
  });

  test('a tab keeps the place it looks from, and names it from the first call on', async () => {
    const { api, last } = fakeApi();
    const tab = tabOf();
    const model = new SessionModel(api, tab);
    model.open();
    await last('session').answer(sessionOf({ current: placeOf('m1') }));
    model.choosing.run('m2');
    await last('choosePlace').answer(sessionOf({ current: placeOf('m2') }));
    expect([model.place(), model.who.value?.current?.id]).toEqual(['m2', 'm2']);
    expect(new SessionModel(api, tab).place()).toBe('m2');
  });

  test('a remembered place that is gone is forgotten, and asked again without it', async () => {
    const { api, calls, last } = fakeApi();
    const tab = tabOf({ 'tributary-place': 'gone' });
    const model = new SessionModel(api, tab);
    model.open();
    await last('session').answer(sessionOf({ current: null, places: [placeOf('m1')] }));
    expect([calls.length, tab.kept, model.session.answer.value]).toEqual([2, {}, null]);
    await last('session').answer(sessionOf({ current: placeOf('m1') }));
    expect([model.place(), model.who.value?.current?.id]).toEqual(['m1', 'm1']);
  });

  test('signed out elsewhere: the next refusal leads to the sign-in, and says why', async () => {
    const { api, last } = fakeApi();
    const tab = tabOf();
    const model = new SessionModel(api, tab);
    model.open();
    await last('session').answer(sessionOf({}));
    model.refused('sign_in_required');
    expect([model.session.answer.value, tab.kept, model.place()]).toEqual([{ who: null, ended: true }, {}, null]);
  });

  test('where nothing is found what may be done is asked again, quietly and not each time', async () => {
    let now = 0;
    const { api, calls, last } = fakeApi();
    const model = new SessionModel(api, tabOf(), () => now);
    model.refused('not_found');
    expect(calls.length).toBe(0);
    model.open();
    await last('session').answer(sessionOf({ may: ['self', 'keys.read'] }));
    model.refused('not_found');
    model.refused('not_found');
    expect(calls.length).toBe(2);
    await last('session').answer(sessionOf({ may: ['self'] }));
    expect([model.who.value?.may, model.session.busy.value]).toEqual([['self'], false]);
    now = 60_000;
    model.refused('not_found');
    await last('session').fail(refusal('offline'));
    expect(model.who.value?.may).toEqual(['self']);
    now = 120_000;
    model.refused('not_found');
    await last('session').answer(null);
    expect(model.session.answer.value).toEqual({ who: null, ended: true });
  });

  test('signing out forgets the place; a failure leaves all as it was', async () => {
    const { api, last } = fakeApi();
    const tab = tabOf();
    const model = new SessionModel(api, tab);
    model.open();
    await last('session').answer(sessionOf({}));
    model.leaving.run(null);
    await last('signOut').fail(refusal('offline'));
    expect([model.who.value?.person.id, model.leaving.trouble.value?.code]).toEqual(['u1', 'offline']);
    model.leaving.run(null);
    await last('signOut').answer(null);
    expect([model.session.answer.value, tab.kept]).toEqual([{ who: null }, {}]);
  });

  test('a person without a name is asked, until they say one or later', async () => {
    const { api, last } = fakeApi();
    const tab = tabOf();
    const model = new SessionModel(api, tab);
    model.open();
    await last('session').answer(sessionOf({ name: '' }));
    expect(model.nameless.value).toBe(true);
    model.renaming.run('Maren');
    expect(last('rename').ask).toBe('Maren');
    await last('rename').answer(sessionOf({ name: 'Maren' }));
    expect(model.nameless.value).toBe(false);
    model.told(sessionOf({ name: '' }));
    model.askLater();
    expect(model.nameless.value).toBe(false);
    expect(new SessionModel(api, tab).nameless.value).toBe(false);
  });

  test('an invitation is answered; after a yes one looks from there', async () => {
    const { api, last } = fakeApi();
    const model = new SessionModel(api, tabOf());
    model.open();
    await last('session').answer(sessionOf({ current: null }));
    model.answering.run({ id: 'm7', accept: true });
    await last('answerInvitation').answer(sessionOf({ current: placeOf('m7', 'member', 'anna') }));
    expect([last('answerInvitation').ask, model.place()]).toEqual([{ id: 'm7', accept: true }, 'm7']);
  });
});

describe('signing in', () => {
  function signIn(next = '/orders', passkeys = fakePasskeys()) {
    const { api, calls, last } = fakeApi();
    const arrived: string[] = [];
    const model = new SignInModel(api, { passkeys, next, arrive: (to) => arrived.push(to) });
    return { model, calls, last, arrived };
  }

  test('a letter is asked for with where one wanted to go; a second press sends no second one', async () => {
    const { model, calls, last } = signIn('/orders?days=7');
    model.email.value = ' maren@shop.example ';
    model.send();
    model.send();
    expect([calls.length, last('sendLink').ask]).toEqual([1, { email: 'maren@shop.example', next: '/orders?days=7' }]);
    await last('sendLink').answer({ sent: true });
    expect([model.sentTo.value, model.again.value]).toEqual(['maren@shop.example', 0]);
    model.sendAgain();
    await last('sendLink').answer({ sent: true });
    expect([calls.length, model.again.value]).toEqual([2, 1]);
    model.back();
    expect([model.sentTo.value, model.email.value]).toEqual([null, ' maren@shop.example ']);
  });

  test.each(['', 'maren', 'maren@', '@shop.example', 'a b@shop.example'])('“%s” is no address', async (typed) => {
    const { model, calls } = signIn();
    model.email.value = typed;
    await model.send();
    expect([calls.length, model.email.value]).toEqual([0, typed]);
    expect(model.sending.trouble.value?.fields.email).toMatch(/whole address/);
  });

  test('trouble keeps what was typed; the same press tries again', async () => {
    const { model, last } = signIn();
    model.email.value = 'maren@shop.example';
    model.send();
    await last('sendLink').fail(refusal('too_many_tries'));
    expect([model.sentTo.value, model.email.value, model.sending.trouble.value?.code]).toEqual([
      null,
      'maren@shop.example',
      'too_many_tries',
    ]);
    model.send();
    expect(model.sending.trouble.value).toBeNull();
  });

  test('a code that fits leads on; one that does not says so where it is typed', async () => {
    const { model, last, arrived } = signIn();
    await model.confirm();
    expect(model.confirming.trouble.value?.fields.code).toMatch(/Type the code/);
    model.code.value = ' ABCDE FGHIJ ';
    model.confirm();
    expect(last('pressLink').ask).toEqual({ code: 'ABCDE FGHIJ' });
    await last('pressLink').fail(refusal('link_over'));
    expect(model.confirming.trouble.value?.fields.code).toMatch(/does not fit/);
    model.confirm();
    await last('pressLink').answer({ next: '/orders' });
    expect(arrived).toEqual(['/orders']);
  });

  test('what makes the browser’s own secret is asked one after the other', async () => {
    const { model, calls, last } = signIn('/', fakePasskeys({ offer: (challenge) => challenge().catch(() => null) }));
    model.offer();
    model.send('maren@shop.example');
    expect(calls.map((call) => call.name)).toEqual(['signInChallenge']);
    await last('signInChallenge').fail(refusal('offline'));
    expect(calls.map((call) => call.name)).toEqual(['signInChallenge', 'sendLink']);
  });

  test('a passkey: what the browser gave is sent; called off, nothing is', async () => {
    const { model, last, arrived } = signIn();
    model.proving.run(null);
    await last('signInChallenge').answer({ challenge: 'c' });
    expect(last('signInByPasskey').ask).toEqual({ credential: { answers: { challenge: 'c' } }, next: '/orders' });
    await last('signInByPasskey').answer({ next: '/orders' });
    expect(arrived).toEqual(['/orders']);

    const stopped = signIn('/', fakePasskeys({ use: () => Promise.reject(refusal('passkey_stopped')) }));
    stopped.model.proving.run(null);
    await stopped.last('signInChallenge').answer({});
    expect([stopped.model.proving.trouble.value?.code, stopped.calls.length]).toEqual(['passkey_stopped', 1]);
  });

  test('one that the browser offers beneath the field signs in too, unless the page is left', async () => {
    const passkeys = fakePasskeys({ offer: async (challenge) => ({ offered: await challenge() }) });
    const { model, last } = signIn('/', passkeys);
    model.offer();
    model.offer();
    await last('signInChallenge').answer('c');
    expect(last('signInByPasskey').ask).toMatchObject({ credential: { offered: 'c' } });

    const left = signIn('/', passkeys);
    left.model.offer();
    left.model[Symbol.dispose]();
    expect(left.last('signInChallenge').signal?.aborted).toBe(true);
    await left.last('signInChallenge').answer('c');
    expect(left.calls.length).toBe(1);

    const without = signIn('/', fakePasskeys({ there: false }));
    without.model.offer();
    expect(without.calls).toEqual([]);
  });

  test('a link is pressed by a person, once', async () => {
    const { api, calls, last } = fakeApi();
    const arrived: string[] = [];
    const model = new LinkModel(api, { token: 't', arrive: (to) => arrived.push(to) });
    expect(calls.length).toBe(0);
    model.pressing.run(null);
    model.pressing.run(null);
    expect([calls.length, last('pressLink').ask]).toEqual([1, { token: 't' }]);
    await last('pressLink').fail(refusal('link_over'));
    expect([model.pressing.trouble.value?.code, arrived]).toEqual(['link_over', []]);
  });

  test.each([
    ['/orders?days=7', '/orders?days=7'],
    ['//evil.example', '/'],
    ['/\\evil.example', '/'],
    ['https://evil.example', '/'],
    ['/a\tb', '/'],
    ['/sign-in?next=/x', '/'],
    [undefined, '/'],
  ])('afterwards one goes to a page of this host: %s', (asked, to) => {
    expect(pathWithin(asked)).toBe(to);
  });
});

describe('a second factor', () => {
  test('many calls ask at once, the person once, and each gets the answer', async () => {
    const steps = new StepsModel();
    const both = Promise.all([steps.second(), steps.second()]);
    expect(steps.asking.value).toBe('second');
    steps.settle(true);
    expect([await both, steps.asking.value]).toEqual([[true, true], null]);
    const next = steps.second();
    steps.settle(false);
    expect(await next).toBe(false);
  });

  test('a code or a passkey; another kind of code begins empty', async () => {
    const { api, last } = fakeApi();
    const done: unknown[] = [];
    const model = new SecondModel(api, { passkeys: fakePasskeys(), done: (session) => done.push(session) });
    model.code.value = ' 123456 ';
    model.show();
    expect(last('showCode').ask).toBe('123456');
    await last('showCode').fail(refusal('wrong_code'));
    expect([model.code.value, model.showing.trouble.value?.code]).toEqual([' 123456 ', 'wrong_code']);
    model.recover(true);
    expect([model.code.value, model.showing.trouble.value, model.recovering.value]).toEqual(['', null, true]);
    model.proving.run(null);
    await last('secondChallenge').answer('c');
    expect(last('showPasskey').ask).toEqual({ answers: 'c' });
    const session = sessionOf({});
    await last('showPasskey').answer(session);
    expect(done).toEqual([session]);
  });

  test('an app is set up, and its recovery codes stay until they are kept', async () => {
    const { api, last } = fakeApi();
    const model = new SecurityModel(api, { passkeys: fakePasskeys(), lead: () => undefined });
    model.beginning.run(null);
    await last('beginTotp').answer({ secret: 'S', uri: 'otpauth://totp/x' });
    expect(model.totp.value?.secret).toBe('S');
    model.confirming.run('1');
    await last('confirmTotp').fail(refusal('wrong_code'));
    expect([model.totp.value?.secret, model.codes.value]).toEqual(['S', null]);
    model.confirming.run('2');
    await last('confirmTotp').answer({ recoveryCodes: ['a', 'b'] });
    await last('security').answer({ totp: null, recoveryCodesLeft: 2, passkeys: [], sessions: [], singleSignOn: null });
    expect([model.totp.value, model.codes.value]).toEqual([null, ['a', 'b']]);
    model.kept();
    expect(model.codes.value).toBeNull();
  });

  test('a passkey is made by the browser before its name is sent', async () => {
    const { api, last } = fakeApi();
    const led: string[] = [];
    const model = new SecurityModel(api, { passkeys: fakePasskeys(), lead: (to) => led.push(to) });
    model.adding.run('Phone');
    await last('passkeyChallenge').answer('c');
    expect(last('addPasskey').ask).toEqual({ credential: { made: 'c' }, name: 'Phone' });
    model.linking.run(null);
    await last('linkSingleSignOn').answer({ location: 'https://id.example/' });
    expect(led).toEqual(['https://id.example/']);
  });
});

describe('the team', () => {
  const now = 0;
  const P = 'p' as ProgramId;
  const ANNA = 'anna' as PartnerId;
  const seats: Place[] = [
    ...PROGRAM_ROLES.map((role) => ({ programId: P, partnerId: null, role })),
    ...PARTNER_ROLES.map((role) => ({ programId: P, partnerId: ANNA, role })),
  ];
  const where = ({ role, partnerId }: Place) => placeOf('m', role, partnerId);
  const asker = (place: Place): SignedIn => ({ kind: 'person', personId: 'u' as PersonId, place, secondAt: now });
  const mayOf = (place: Place) =>
    (Object.keys(ACTS) as Act[]).filter((act) => decide(asker(place), act, { now, amount: 0 }).may);

  test('what is offered is what the policy table allows: every asker, every place, every change', () => {
    for (const mine of seats) {
      for (const before of seats) {
        // A partner's person sees its own side alone.
        if (mine.partnerId !== null && before.partnerId === null) continue;
        const roles = before.partnerId === null ? PROGRAM_ROLES : PARTNER_ROLES;
        const given = { partner: before.partnerId, role: before.role };
        const offered = rolesToGive(given, where(mine), mayOf(mine));
        const allowed = roles.filter((role) => {
          const act = actOnTeam(asker(mine), { ...before, role } as Place, before);
          return decide(asker(mine), act, { now }).may;
        });
        expect(offered).toEqual(allowed);
        expect(actOn(given, where(mine))).toBe(actOnTeam(asker(mine), before));
      }
    }
  });

  test('a program’s people see their partners’ too, found by any part; a partner’s see their own', async () => {
    const { api, calls, last } = fakeApi();
    const model = new TeamModel(api, { mine: placeOf('m1'), may: ['team.write'] });
    model.open();
    expect(calls.map((call) => call.name)).toEqual(['members', 'partnersPeople']);
    const anna = memberOf({ id: 'a', name: 'Anna', partner: 'anna' });
    const bob = memberOf({ id: 'b', name: null, email: 'bob@x.example', partner: 'bob', joinedAt: null });
    await last('partnersPeople').answer({ data: [anna], nextCursor: 'a' });
    model.loadMore();
    model.loadMore();
    expect([calls.length, last('partnersPeople').ask]).toEqual([3, 'a']);
    await last('partnersPeople').answer({ data: [bob], nextCursor: null });
    expect([model.found.value?.length, model.more.value]).toEqual([2, false]);
    model.search.value = ' BOB@';
    expect(model.found.value?.map((one) => one.id)).toEqual(['b']);
    expect([model.mayInvite(), model.mayChange(memberOf({ role: 'analyst' })), model.mayChange(memberOf({}))]).toEqual([
      true,
      true,
      false,
    ]);
    const theirs = fakeApi();
    new TeamModel(theirs.api, { mine: placeOf('m6', 'member', 'anna'), may: [] }).open();
    expect(theirs.calls.length).toBe(1);
  });

  test('a change reads the team again; trouble keeps it', async () => {
    const { api, calls, last } = fakeApi();
    const model = new TeamModel(api, { mine: placeOf('m6', 'owner', 'anna'), may: [] });
    model.removing.run({ id: 'm7' });
    await last('removeMember').fail(refusal('last_owner'));
    expect([calls.length, model.removing.trouble.value?.code]).toEqual([1, 'last_owner']);
    model.removing.run({ id: 'm7' });
    await last('removeMember').answer(null);
    expect(last('members').ask).toBeNull();
    model.leaving.run(null);
    expect(last('removeMember').ask).toBe('m6');
  });
});

describe('keys', () => {
  const key = (id: string, more: object = {}) => ({
    ...{ id, kind: 'secret', name: id, hint: '…', scopes: ['read'], callsAMinute: 6000 },
    ...{ createdAt: '2026-11-01T00:00:00.000Z', expiresAt: null, revokedAt: null, lastUsedAt: null },
    ...more,
  });
  const now = Date.parse('2026-11-23T12:00:00.000Z');
  const at = (days: number) => new Date(now + days * 86_400_000).toISOString();

  test('those that work stand apart from those that no longer do', async () => {
    const { api, last } = fakeApi();
    const model = new KeysModel(api, () => now);
    model.open();
    await last('keys').answer([
      key('a'),
      key('b', { expiresAt: at(1) }),
      key('c', { expiresAt: at(-1) }),
      key('d', { revokedAt: at(-2), expiresAt: at(9) }),
    ]);
    expect(model.live.value.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(model.over.value.map((one) => [one.id, stateOf(one, now)])).toEqual([
      ['c', 'over'],
      ['d', 'revoked'],
    ]);
  });

  test('a new one is shown until it is kept, whatever the list does', async () => {
    const { api, last } = fakeApi();
    const model = new KeysModel(api, () => now);
    model.making.run({ kind: 'secret', name: 'server', scopes: ['track'] });
    await last('makeKey').answer(key('e', { key: 'trb_sk_live_x' }));
    await last('keys').fail(refusal('offline'));
    expect(model.made.value?.key).toBe('trb_sk_live_x');
    model.kept();
    model.rotating.run({ id: 'e', overlapHours: 24 });
    await last('rotateKey').answer(key('f', { key: 'trb_sk_live_y' }));
    expect([model.made.value?.key, last('rotateKey').ask]).toEqual(['trb_sk_live_y', { id: 'e', overlapHours: 24 }]);
  });
});

describe('the audit log', () => {
  const entry = (id: string, name: string | null = null) => ({
    ...{ id, actor: { kind: 'person', id: 'u1', name }, subject: 'person:u1', before: null, after: null },
  });
  const open = (may: readonly Act[] = ['audit.read', 'team.read', 'keys.read']) => {
    const fake = fakeApi();
    const saved: string[] = [];
    const model = new AuditModel(fake.api, { may, save: (_file, name) => saved.push(name) });
    model.open();
    return { ...fake, model, saved };
  };

  test('what may not be read is not asked for', () => {
    expect(open(['audit.read']).calls.map((call) => call.name)).toEqual(['audit', 'auditProof']);
    expect(open().calls.map((call) => call.name)).toEqual([
      ...['audit', 'auditProof', 'members', 'partnersPeople', 'keys'],
    ]);
  });

  test('a filter begins anew; days are meant whole, in the viewer’s own calendar', async () => {
    const { model, last } = open();
    await last('audit').answer({ data: [entry('b')], nextCursor: 'b' });
    model.loadMore();
    expect(last('audit').ask).toEqual({ cursor: 'b' });
    await last('audit').answer({ data: [entry('b'), entry('a')], nextCursor: null });
    expect(model.entries.value?.map(({ id }) => id)).toEqual(['b', 'a']);
    model.narrow({ actor: 'person:u1', from: '2026-11-01', to: '2026-11-01' });
    const asked = last('audit').ask as Record<string, string>;
    expect([asked.actor, Date.parse(asked.to ?? '') - Date.parse(asked.from ?? '')]).toEqual(['person:u1', 86_400_000]);
    await last('audit').answer({ data: [entry('b')], nextCursor: null });
    expect([model.entries.value?.length, filterOf(EVERYTHING)]).toEqual([1, {}]);
  });

  test('ids are told by name where the team, the keys or the log itself know one', async () => {
    const { model, calls } = open();
    const [log, , team, partners, keys] = calls;
    const gone = { ...entry('b', 'Maren'), subject: 'member:m9', before: { email: 'gone@y.example' }, after: null };
    await log?.answer({ data: [gone, entry('a')], nextCursor: null });
    await team?.answer([memberOf({ id: 'm2', personId: 'u2', name: null, email: 'x@y.example' })]);
    const anna = memberOf({ id: 'm6', personId: 'u6', name: 'Anna', partner: 'anna' });
    await partners?.answer({ data: [anna], nextCursor: null });
    await keys?.answer([{ id: 'k1', name: 'server' }]);
    expect(Object.fromEntries(model.names.value)).toEqual({
      'member:m9': 'gone@y.example',
      'person:u1': 'Maren',
      'person:u2': 'x@y.example',
      'member:m2': 'x@y.example',
      'person:u6': 'Anna',
      'member:m6': 'Anna',
      'key:k1': 'server',
    });
  });

  test('pages that hold nothing of what is asked are passed over, up to a point', async () => {
    const { model, calls, last } = open(['audit.read']);
    await last('audit').answer({ data: [], nextCursor: 'd' });
    expect([last('audit').ask, model.entries.value]).toEqual([{ cursor: 'd' }, null]);
    await last('audit').answer({ data: [entry('c')], nextCursor: 'c' });
    expect([model.entries.value?.length, model.more.value]).toEqual([1, true]);
    model.narrow({ act: 'key.made' });
    const before = calls.length;
    for (let page = 0; model.pages.busy.value && page < 50; page++) {
      await last('audit').answer({ data: [], nextCursor: `${page}` });
    }
    expect([calls.length - before, model.entries.value, model.more.value]).toEqual([19, [], true]);
  });

  test('a long log is proven part by part, and holds when all of them do', async () => {
    const { model, last } = open(['audit.read']);
    const part = { sealed: 12_000, open: 1, head: 'h', intact: true, altered: [] };
    await last('auditProof').answer({ ...part, nextCursor: '10000' });
    expect([last('auditProof').ask, model.proof.answer.value]).toEqual(['10000', null]);
    await last('auditProof').answer(part);
    expect(model.proof.answer.value?.intact).toBe(true);
    model.proof.retry();
    await last('auditProof').answer({ ...part, intact: false, altered: [{ number: 7 }], nextCursor: '10000' });
    await last('auditProof').answer(part);
    expect(model.proof.answer.value).toMatchObject({ intact: false, altered: [{ number: 7 }], sealed: 12_000 });
  });

  test('the file holds what is shown, under its name', async () => {
    const { model, last, saved } = open();
    model.narrow({ act: 'key.made' });
    model.saving.run('csv');
    expect(last('auditFile').ask).toEqual({ act: 'key.made', format: 'csv' });
    await last('auditFile').answer(new Blob());
    expect(saved).toEqual(['audit.csv']);
  });
});
