/** Signing in: by a letter with a link and a code, or by a passkey; single sign-on is a link that leads away. */
import { createModel, effect, signal } from '@preact/signals';
import { type Api, type Credential, Trouble } from '../api.ts';
import type { Passkeys } from '../passkeys.ts';
import { doing } from './doing.ts';
import { loaded } from './loaded.ts';

/** As the API takes one; whether anybody has it, only a letter can tell. */
const ADDRESS = /^[^@\s]+@[^@\s]+$/;

export const SignInModel = createModel(
  (api: Api, given: { passkeys: Passkeys; next: string; arrive(next: string): unknown }) => {
    const { passkeys, next, arrive } = given;
    const email = signal('');
    const code = signal('');
    /** The address that a letter went to; null: not asked yet. */
    const sentTo = signal<string | null>(null);
    const again = signal(0);
    const arrived = (answer: { next: string }) => arrive(answer.next);
    // What the browser holds while it signs in is made by the first of these calls: two at once would make two.
    let turn: Promise<unknown> | null = null;
    const inTurn = <Answer>(call: () => Promise<Answer>): Promise<Answer> => {
      const mine = turn ? turn.then(call) : call();
      const over = mine.then(ignore, ignore).then(() => {
        if (turn === over) turn = null;
      });
      turn = over;
      return mine;
    };
    const challenge = (signal?: AbortSignal) => inTurn(() => api.signInChallenge(null, signal));
    let offered = false;
    const left = new AbortController();
    effect(() => () => left.abort());
    const ways = loaded(api.waysIn);
    const people = loaded(async (_: null, signal) => ({ list: await api.people(null, signal) }));
    const sending = doing(
      async (to: string) => {
        if (!ADDRESS.test(to)) throw new Trouble(NO_ADDRESS);
        await inTurn(() => api.sendLink({ email: to, next }));
      },
      (_, to) => {
        again.value = sentTo.peek() === to ? again.peek() + 1 : 0;
        sentTo.value = to;
      },
    );
    const confirming = doing(async (typed: string) => {
      if (!typed) throw new Trouble(NO_CODE);
      return api.pressLink({ code: typed }).catch((cause: unknown) => {
        throw cause instanceof Trouble && cause.code === 'link_over' ? new Trouble(OTHER_CODE, { cause }) : cause;
      });
    }, arrived);
    /** With what the browser gave beneath the address field; null: it is asked now. */
    const proving = doing(async (given: Credential | null) => {
      const credential = given ?? (await passkeys.use(await challenge()));
      return api.signInByPasskey({ credential, next });
    }, arrived);
    return {
      email,
      code,
      sentTo,
      /** How often the same letter was asked for again. */
      again,
      ways,
      people,
      sending,
      confirming,
      proving,
      open() {
        ways.load(null);
        people.load(null);
      },
      /** The browser's own list beneath the address field, once for a page. */
      async offer() {
        if (offered || !passkeys.there) return;
        offered = true;
        const credential = await passkeys.offer(() => challenge(left.signal));
        if (credential && !left.signal.aborted) await proving.run(credential);
      },
      send: (to = email.peek()) => {
        email.value = to;
        return sending.run(to.trim());
      },
      sendAgain: () => sending.run(sentTo.peek() ?? ''),
      confirm: () => confirming.run(code.peek().trim()),
      /** What was typed stays. */
      back() {
        sentTo.value = null;
        code.value = '';
        sending.clear();
        confirming.clear();
      },
    };
  },
);

/** The page that a letter's link opens: only a press uses the link up, since mail scanners open it too. */
export const LinkModel = createModel((api: Api, given: { token: string; arrive(next: string): unknown }) => ({
  pressing: doing(
    () => api.pressLink({ token: given.token }),
    (answer) => given.arrive(answer.next),
  ),
}));

const ignore = () => undefined;

const field = (name: string, detail: string) => ({
  code: 'invalid',
  title: 'Not quite right',
  detail,
  fields: { [name]: detail },
});
const NO_ADDRESS = field('email', 'Write the whole address, such as name@shop.example.');
const OTHER_CODE = field(
  'code',
  'This code does not fit. Look at it again: only the code of the newest letter counts, for 15 minutes, and once.',
);
const NO_CODE = field('code', 'Type the code that stands in the letter.');
