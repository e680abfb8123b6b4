/**
 * Every route × everybody who could ask × names of what is not theirs, generated from the table of routes. A route without an
 * entry here, and a field of a call that no entry speaks of, is a flaw.
 *
 * Of each call that names a stranger's thing: it is answered as one that names nothing at all is, to the letter, by the same
 * statements; no mark of a stranger stands in it; nothing of a stranger's has changed; each statement names the program.
 */
import type { z } from 'zod';
import { routes } from '../../edge/app.ts';
import {
  FactorCall,
  LinkAsked,
  LinkPressed,
  Nothing,
  PasskeyAnswer,
  PasskeyCall,
  PasskeyPatch,
} from '../../edge/contract-people.ts';
import type { Env } from '../../edge/deps.ts';
import { schemaOf } from '../../edge/docs/openapi.ts';
import { OPERATIONS, takesName } from '../../edge/docs/operations.ts';
import { fieldsOf } from '../../edge/docs/reference.ts';
import { type Door, doorOf, POLICY } from '../../edge/http/policy.ts';
import { ORIGIN, SHOP } from './programs.ts';
import { flawOf, flawOfPartner } from './statements.ts';
import {
  type Asker,
  type Building,
  buildTenants,
  type Call,
  type Heard,
  type Kind,
  markOf,
  PROGRAM_OF,
  type Row,
  TENANTS,
  type Tenant,
  type Tenants,
} from './tenants.ts';

type RouteName = keyof typeof POLICY;
/** A name of something of the asker's own; made up where they have none. */
type Own = (kind: Kind) => string;

/** How a route is called, and what a call may name: `path.id`, `query.cursor`, `body.customer.id`. */
interface Entry {
  readonly path?: (own: Own) => Record<string, string>;
  readonly query?: (own: Own, asker: Asker) => Record<string, string>;
  readonly headers?: Record<string, string>;
  readonly body?: (own: Own, asker: Asker) => unknown;
  /** Of pages' routes, which the contract for tools does not describe. */
  readonly shape?: z.ZodType;
  readonly names?: Readonly<Record<string, readonly Kind[]>>;
  /** What the right asker is answered; 200, 201 or 204 when left out. */
  readonly status?: number;
  /** The right asker, where it is not the program's owner or a partner's. */
  readonly by?: string;
}

/** Fields and parameters that name nothing of anybody's. */
const PLAIN = new Set([
  ...['limit', 'explain', 'from', 'to', 'models', 'days', 'event', 'amount', 'currency', 'consent', 'u', 'sub1'],
  ...['name', 'url', 'referrer', 'params', 'key', 'channel', 'title', 'type', 'model', 'policy', 'status', 'kind'],
  ...['customer.emailSha256', 'customer.type', 'items.sku', 'items.name', 'items.category', 'items.kind', 'invoice'],
  ...['sub2', 'sub3', 'sub4', 'sub5', 'channelPolicy', 'selfReferral', 'origins', 'deepLinkHosts', 'paramAliases'],
  ...['rules.when', 'rules.when.sku', 'rules.when.category', 'rules.when.event', 'rules.when.customer', 'metadata'],
  ...['startsAt', 'endsAt', 'occurredAt', 'channelAt', 'now', 'rejectSolo'],
  // Of signing in: what is secret is no name, and is guessed in the figure `guess`.
  ...['token', 'code', 'next', 'role', 'scopes', 'expiresAt', 'act', 'format'],
]);
const nothing: Entry = {};
const order = {
  'body.orderId': ['orderName'],
  'body.partner': ['partner'],
  'body.visitorId': ['visitor'],
  'body.clickId': ['token'],
  'body.renewalOf': ['orderName'],
  'body.codes': ['code'],
  'body.items.code': ['code'],
  'body.customer.id': ['customer'],
  'body.customer.email': ['email'],
} as const;

const logged = { 'query.actor': ['actor'], 'query.subject': ['actor', 'subject'] } as const;
/** A page of this host, signed in or not. */
const OWN_PAGE = { origin: ORIGIN };
/** What a browser answers to a challenge that was never set. */
const answerOf = (id: string) => ({
  ...{ id, rawId: id, type: 'public-key', clientExtensionResults: {} },
  response: {
    clientDataJSON: btoa(JSON.stringify({ type: 'webauthn.get', challenge: 'guessed', origin: ORIGIN })),
    ...{ authenticatorData: 'AAAA', signature: 'AAAA' },
  },
});

/** An entry each; the compiler misses one that is not there, and so does the figure. */
const ENTRIES: Readonly<Record<RouteName, Entry>> = {
  'GET /health': nothing,
  'OPTIONS /v1/events': { status: 204 },
  'POST /v1/events': {
    headers: { origin: SHOP },
    body: (own, { page }) => ({
      ...{ key: page, consent: 'granted', url: `${SHOP}/?via=${own('partner')}`, visitorId: own('visitor') },
      commands: [
        ['click', { tcid: own('token'), via: own('linkCode') }],
        ['identify', { id: own('customer') }],
        ['lead', { customer: { id: own('customer') }, orderId: own('orderName') }],
        [
          'conversion',
          { orderId: 'browser-1', currency: 'EUR', amount: 100, clickId: own('token'), codes: [own('code')] },
        ],
      ],
    }),
    names: {
      'body.visitorId': ['visitor'],
      'body.url.via': ['partner', 'linkCode'],
      'body.url.tcid': ['token'],
      'body.commands.0.1.tcid': ['token'],
      'body.commands.0.1.via': ['partner', 'linkCode'],
      'body.commands.1.1.id': ['customer'],
      'body.commands.2.1.customer.id': ['customer'],
      'body.commands.2.1.orderId': ['orderName'],
      'body.commands.3.1.orderId': ['orderName'],
      'body.commands.3.1.clickId': ['token'],
      'body.commands.3.1.codes': ['code'],
    },
  },
  'GET /v1/pixel.gif': {
    headers: { referer: `${SHOP}/` },
    query: (own, { page }) => ({
      key: page ?? '',
      event: 'conversion',
      orderId: 'pixel-1',
      amount: '100',
      currency: 'EUR',
      tcid: own('token'),
    }),
    names: { 'query.tcid': ['token'], 'query.orderId': ['orderName'], 'query.codes': ['code'] },
  },
  'POST /v1/conversions': {
    by: 'p1 key: all',
    query: () => ({ explain: '1' }),
    body: (own) => ({
      ...{ orderId: 'new-1', currency: 'EUR', visitorId: own('visitor'), clickId: own('token') },
      ...{ items: [{ sku: 'tent-2', quantity: 1, price: 24_900, code: own('code') }], codes: [own('code')] },
      customer: { id: own('customer') },
    }),
    names: order,
  },
  'GET /v1/conversions': { names: { 'query.cursor': ['order'] } },
  'GET /v1/conversions/:id': { path: (own) => ({ id: own('order') }), names: { 'path.id': ['order', 'orderName'] } },
  'GET /v1/attribution/compare': nothing,
  'GET /v1/program': nothing,
  'PATCH /v1/program': { body: () => ({ model: 'last' }) },
  'POST /v1/terms': {
    body: (own) => ({ rules: [{ when: { code: own('code') }, ratePpm: 110_000 }], group: own('group') }),
    names: { 'body.group': ['group'], 'body.rules.0.when.code': ['code'] },
  },
  'GET /v1/partners': { names: { 'query.cursor': ['partner'] } },
  'POST /v1/partners': {
    body: () => ({ slug: 'somebody-new', name: 'Somebody new', email: 'new@partner.example' }),
    names: { 'body.slug': ['partner'], 'body.email': ['email'], 'body.group': ['group'] },
  },
  'PATCH /v1/partners/:id': {
    path: (own) => ({ id: own('partner') }),
    body: () => ({ status: 'paused' }),
    names: { 'path.id': ['partner'], 'body.group': ['group'] },
  },
  'GET /v1/groups': nothing,
  'POST /v1/groups': { body: () => ({ slug: 'iron', name: 'Iron' }), names: { 'body.slug': ['group'] } },
  'PATCH /v1/groups/:id': {
    path: (own) => ({ id: own('group') }),
    body: () => ({ windowDays: 20 }),
    names: { 'path.id': ['group'] },
  },
  'GET /v1/links': nothing,
  'POST /v1/links': {
    body: (own) => ({ partner: own('partner'), code: 'brand-new', url: `${SHOP}/new` }),
    names: { 'body.partner': ['partner'], 'body.code': ['linkCode'] },
  },
  'PATCH /v1/links/:id': {
    path: (own) => ({ id: own('link') }),
    body: () => ({ windowDays: 20 }),
    names: { 'path.id': ['link'] },
  },
  'GET /v1/codes': { names: { 'query.cursor': ['code'] } },
  'POST /v1/codes': {
    body: (own) => ({ partner: own('partner'), code: 'BRANDNEW' }),
    names: { 'body.partner': ['partner'], 'body.code': ['code'] },
  },
  'POST /v1/clicks': {
    by: 'p1 key: all',
    body: (own) => ({ link: own('linkCode'), visitorId: own('visitor') }),
    names: {
      ...{ 'body.partner': ['partner'], 'body.link': ['linkCode'], 'body.discountCode': ['code'] },
      'body.visitorId': ['visitor'],
    },
  },
  'POST /v1/identities': {
    by: 'p1 key: all',
    body: (own) => ({ visitorId: own('visitor'), customer: { id: own('customer') } }),
    names: { 'body.visitorId': ['visitor'], 'body.customer.id': ['customer'], 'body.customer.email': ['email'] },
  },
  'POST /v1/clock': { body: () => ({ now: '2027-03-01T00:00:00.000Z' }), by: 'p2 key: all' },
  'GET /v1/openapi.json': nothing,
  'GET /v1/setup': nothing,
  'GET /v1/sign-in': nothing,
  'POST /v1/sign-in/link': {
    headers: OWN_PAGE,
    body: () => ({ email: 'nobody@nowhere.example' }),
    shape: LinkAsked,
    names: { 'body.email': ['email'] },
    status: 202,
  },
  'POST /v1/sign-in/confirm': {
    headers: OWN_PAGE,
    body: () => ({ token: 'guessed'.padEnd(43, '-') }),
    shape: LinkPressed,
    status: 410,
  },
  'POST /v1/sign-in/passkey/options': { headers: OWN_PAGE, body: () => ({}), shape: Nothing },
  'POST /v1/sign-in/passkey': {
    headers: OWN_PAGE,
    body: (own) => ({ credential: answerOf(own('passkey')) }),
    shape: PasskeyAnswer,
    names: { 'body.credential.id': ['passkey'], 'body.credential': [] },
    status: 422,
  },
  'GET /v1/sign-in/oidc': { query: () => ({ next: '/team' }), status: 302 },
  'GET /v1/sign-in/oidc/callback': {
    query: () => ({ state: 'guessed'.padEnd(43, '-'), code: 'guessed' }),
    status: 303,
  },
  'POST /v1/sign-out': { body: () => ({}) },
  'POST /v1/second-factor': { body: () => ({ code: '7K3QF-09XTM' }), shape: FactorCall, status: 422 },
  'POST /v1/second-factor/passkey/options': { body: () => ({}), shape: Nothing },
  'POST /v1/second-factor/passkey': {
    body: (own) => ({ credential: answerOf(own('passkey')) }),
    shape: PasskeyAnswer,
    names: { 'body.credential.id': ['passkey'], 'body.credential': [] },
    status: 422,
  },
  'GET /v1/security': nothing,
  'POST /v1/security/totp': { body: () => ({}), shape: Nothing },
  'POST /v1/security/totp/confirm': { body: () => ({ code: '123456' }), shape: FactorCall, status: 404 },
  'DELETE /v1/security/totp': { status: 404 },
  'POST /v1/security/recovery-codes': { body: () => ({}), shape: Nothing },
  'POST /v1/security/passkeys/options': { body: () => ({}), shape: Nothing },
  'POST /v1/security/passkeys': {
    body: (own) => ({ credential: answerOf(own('passkey')), name: 'A key' }),
    shape: PasskeyCall,
    names: { 'body.credential.id': ['passkey'], 'body.credential': [] },
    status: 422,
  },
  'PATCH /v1/security/passkeys/:id': {
    path: (own) => ({ id: own('passkey') }),
    body: () => ({ name: 'A key' }),
    shape: PasskeyPatch,
    names: { 'path.id': ['passkey'] },
  },
  'DELETE /v1/security/passkeys/:id': {
    path: (own) => ({ id: own('passkey') }),
    names: { 'path.id': ['passkey'] },
  },
  'DELETE /v1/security/sessions/:id': {
    path: (own) => ({ id: own('session') }),
    names: { 'path.id': ['session'] },
  },
  'DELETE /v1/security/sessions': nothing,
  'POST /v1/security/oidc': { body: () => ({}), shape: Nothing },
  'DELETE /v1/security/oidc': nothing,
  'GET /v1/members': {
    query: () => ({ partner: '*' }),
    names: { 'query.partner': ['partner'], 'query.cursor': ['member'] },
  },
  'POST /v1/members': {
    body: (own) => ({ email: 'new@people.example', role: 'member', partner: own('partner') }),
    names: { 'body.email': ['email'], 'body.partner': ['partner'] },
  },
  'PATCH /v1/members/:id': {
    path: (own) => ({ id: own('member') }),
    body: () => ({ role: 'owner' }),
    names: { 'path.id': ['member', 'invitation'] },
  },
  'DELETE /v1/members/:id': {
    path: (own) => ({ id: own('invitation') }),
    names: { 'path.id': ['member', 'invitation'] },
  },
  'GET /v1/keys': { names: { 'query.cursor': ['key'] } },
  'POST /v1/keys': { body: () => ({ kind: 'secret', name: 'A shop', scopes: ['read'] }) },
  'POST /v1/keys/:id/rotate': {
    path: (own) => ({ id: own('key') }),
    body: () => ({ overlapHours: 1 }),
    names: { 'path.id': ['key'] },
  },
  'DELETE /v1/keys/:id': { path: (own) => ({ id: own('key') }), names: { 'path.id': ['key'] } },
  'GET /v1/audit': { names: { ...logged, 'query.cursor': ['audit'] } },
  'GET /v1/audit/export': { query: () => ({ format: 'ndjson' }), names: logged },
  'GET /v1/audit/proof': { names: { 'query.cursor': ['audit'] } },
  'GET /v1/session': nothing,
  'POST /v1/session': { body: (own) => ({ place: own('member') }), names: { 'body.place': ['member', 'invitation'] } },
  'PATCH /v1/session': { body: () => ({ name: 'A new name' }) },
  'POST /v1/session/invitations/:id': {
    path: (own) => ({ id: own('invitation') }),
    body: () => ({ accept: true }),
    names: { 'path.id': ['invitation', 'member'] },
    status: 404,
  },
  'GET /v1/reports/summary': { query: () => ({ days: '7' }) },
  'GET /v1/reports/partners': { query: () => ({ days: '7' }) },
  'GET /v1/balances': nothing,
  'GET /docs': nothing,
  'GET /docs/style.css': nothing,
  'GET /docs/try.js': nothing,
  'GET /docs/:page': { path: () => ({ page: 'rules' }), names: { 'path.page': ['partner'] } },
  'GET /*': { path: () => ({ '*': 'v1/nothing' }), status: 404 },
};

/** Where a stranger's name tells a little, and must: each with its reason. */
const INHERENT: readonly { readonly route: RouteName; readonly slot: string; readonly why: string }[] = [
  {
    ...{ route: 'POST /v1/links', slot: 'body.code' },
    why: 'link codes are one name in the whole deployment, since /go/:code names no program: whoever follows one hears that it exists',
  },
];

export interface Outcome {
  readonly calls: number;
  readonly flaws: readonly string[];
  /** What was run, each once. */
  readonly statements: readonly string[];
}

export interface Figures {
  /** How many could ask. */
  readonly askers: number;
  readonly routes: readonly RouteName[];
  /** What the generator itself lacks. */
  readonly gaps: readonly string[];
  /** What was seen while the world was made: whether others' things change what is one's own. */
  readonly made: Outcome;
  probe(route: RouteName): Promise<Outcome>;
}

/** `small`: of everybody and of all names a few at each route, others at each. */
export async function tenancy(env: Env, { small }: { small: boolean }): Promise<Figures> {
  const building = await buildTenants(env);
  const made = await growing(building, small);
  const { tenants } = building;
  const found = [...new Set(routes.filter((one) => one.method !== 'ALL').map((one) => `${one.method} ${one.path}`))];
  return {
    askers: tenants.askers.length,
    routes: found as RouteName[],
    gaps: found.flatMap(gapsOf),
    made,
    probe: (route) => probe(tenants, route, small),
  };
}

/** A route that nobody thought of, or a field of one. */
function gapsOf(route: string): string[] {
  const [method = '', path = ''] = route.split(' ');
  const door = doorOf(method, path);
  const entry = (ENTRIES as Readonly<Record<string, Entry | undefined>>)[route];
  if (!door) return [`${route} has no row in the policy table`];
  if (!entry) return [`${route} has no entry in the figure`];
  const operation = operationOf(route);
  const shape = entry.shape ?? operation?.body?.shape;
  const params = Object.keys(operation?.params ?? {}).filter((name) => !operation?.path.includes(`{${name}}`));
  const texts = shape ? fieldsOf(schemaOf(shape, 'input')).filter(({ takes }) => /text|anything/.test(takes)) : [];
  const slots = [
    ...[...path.matchAll(/:(\w+)/g)].map(([, name = '']) => ['path', name]),
    ...params.map((name) => ['query', name]),
    ...texts.map(({ name }) => ['body', name]),
  ];
  const known = Object.keys(entry.names ?? {}).map((name) => name.replace(/\.\d+(?=\.|$)/g, ''));
  const open = slots.filter(
    ([where, name = '']) =>
      !PLAIN.has(name) && !known.some((one) => one === `${where}.${name}` || one.startsWith(`${where}.${name}.`)),
  );
  return [
    ...open.map(([where, name]) => `${route} has ${where}.${name}: what may it name?`),
    ...(['POST', 'PATCH', 'PUT'].includes(method) && !entry.body ? [`${route} is called without a body`] : []),
  ];
}

const operationOf = (route: string) => {
  const [method = '', path = ''] = route.split(' ');
  const written = path.replace(/:(\w+)/g, '{$1}');
  return OPERATIONS.find((one) => one.method === method.toLowerCase() && one.path === written);
};

/** The reads of everybody who is there already, before and after strangers come: nothing of theirs may have changed. */
async function growing(building: Building, small: boolean): Promise<Outcome> {
  const { tenants, addPartner, addShared, addProgram, addBoth } = building;
  const flaws: string[] = [];
  let calls = 0;
  const reads = (Object.keys(ENTRIES) as RouteName[]).filter(
    // That the log was taken along stands in the log; a page's picture tells of orders.
    (route) => route.startsWith('GET /v1/') && route !== 'GET /v1/audit/export' && POLICY[route] !== 'page',
  );
  const look = async (askers: readonly Asker[]) => {
    const seen = new Map<string, string>();
    for (const asker of askers) {
      for (const route of reads) {
        const { status, text } = await tenants.call(asker, callOf(tenants, asker, route));
        seen.set(`${route} by ${asker.name}`, `${status} ${text}`);
        calls += 1;
      }
    }
    return seen;
  };
  const same = (what: string, before: Map<string, string>, after: Map<string, string>) => {
    for (const [call, answer] of before) {
      const now = after.get(call);
      if (now !== answer)
        flaws.push(`${call}: ${what} changed it from ${answer.slice(0, 300)} to ${now?.slice(0, 300)}`);
    }
  };
  const everyone = tenants.askers.filter(({ name, page }) => page === undefined && (!small || ALWAYS.includes(name)));
  const annas = everyone.filter((one) => one.sees[0] === 'a1' && !one.sees.includes('p1'));
  const staff = everyone.filter((one) => one.sees.includes('p1'));
  const alone = await look(annas);
  await addPartner();
  same('a partner beside', alone, await look(annas));
  await addShared();
  // When a key was last used is noted now.
  if (!small) await look(staff);
  const before = await look([...annas, ...staff]);
  await addProgram();
  same('another program', before, await look([...annas, ...staff]));
  await addBoth();
  return { calls, flaws, statements: [] };
}

const strangersOf = ({ sees }: Asker): Tenant[] => TENANTS.filter((one) => !sees.includes(one));

function ownOf(tenants: Tenants, { sees }: Asker): Own {
  return (kind) => {
    for (const tenant of sees) {
      const [first] = tenants.names(tenant, kind);
      if (first) return first;
    }
    return tenants.instead(tenants.names('b1', kind)[0] ?? tenants.names('p1', kind)[0] ?? markOf('b1'));
  };
}

/** The call as the right asker makes it; with `slot`, naming something else there. */
function callOf(tenants: Tenants, asker: Asker, route: RouteName, slot?: { at: string; name: string }): Call {
  const entry = ENTRIES[route];
  const [method = '', pattern = ''] = route.split(' ');
  const own = ownOf(tenants, asker);
  const [where, ...steps] = slot?.at.split('.') ?? [];
  const named = (part: string, given: Record<string, string> = {}) =>
    slot && where === part ? { ...given, [steps.join('.')]: slot.name } : given;
  const params = named('path', entry.path?.(own));
  const query = named('query', entry.query?.(own, asker));
  const path = pattern
    .replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''))
    .replace('*', params['*'] ?? '');
  const body = entry.body?.(own, asker);
  const search = new URLSearchParams(query).toString();
  return {
    method,
    path: search ? `${path}?${search}` : path,
    headers: { ...entry.headers, ...named('header') },
    ...(body !== undefined && { body: bodyWith(body, where, steps, slot?.name ?? '') }),
  };
}

/** The body, with the name in it; or a list of the right one and of one with the name. */
function bodyWith(body: unknown, where: string | undefined, steps: readonly string[], name: string): unknown {
  if (where === 'rows') return [body, placed(body, steps, name)];
  return where === 'body' ? placed(body, steps, name) : body;
}

/** A copy of the body with the name there; in an address, as a parameter of it. */
function placed(body: unknown, steps: readonly string[], name: string): unknown {
  const [step = '', ...rest] = steps;
  if (typeof body === 'string') {
    const address = new URL(body);
    address.searchParams.set(step, name);
    return address.href;
  }
  if (Array.isArray(body) && !/^\d+$/.test(step)) return body.map((one) => placed(one, steps, name));
  const copy: Record<string, unknown> | unknown[] = Array.isArray(body) ? [...body] : { ...(body as object) };
  const before = (copy as Record<string, unknown>)[step];
  (copy as Record<string, unknown>)[step] =
    rest.length > 0 ? placed(before ?? {}, rest, name) : Array.isArray(before) ? [name] : name;
  return copy;
}

/** Where a person says which of their places they look from. */
const PLACE = 'header.tributary-place';

interface Slot {
  readonly at: string;
  readonly kinds: readonly Kind[];
}

function slotsOf(route: RouteName): Slot[] {
  const operation = operationOf(route);
  const named = Object.entries(ENTRIES[route].names ?? {}).map(([at, kinds]) => ({ at, kinds }));
  return [
    ...named,
    ...(operation?.rows ? named.map(({ at, kinds }) => ({ at: at.replace('body.', 'rows.'), kinds })) : []),
    { at: PLACE, kinds: ['member', 'invitation'] },
    ...(operation && takesName(operation) ? [{ at: 'header.idempotency-key', kinds: ['call'] as const }] : []),
  ];
}

/** All that is wrong with one route. */
async function probe(tenants: Tenants, route: RouteName, small: boolean): Promise<Outcome> {
  const flaws = new Set<string>();
  const statements = new Set<string>();
  let calls = 0;
  let right = 0;
  let turn = hash(route);
  const { status: wanted } = ENTRIES[route];

  /** Calls, and checks what holds of every answer. */
  const heard = async (asker: Asker, slot?: { at: string; name: string }): Promise<Heard> => {
    const said = await tenants.call(asker, callOf(tenants, asker, route, slot));
    calls += 1;
    const what = `${route} by ${asker.name}${slot ? `, ${slot.at} = ${slot.name}` : ''}`;
    for (const sql of said.asked) {
      statements.add(sql);
      const flaw = asker.sees[0] === 'a1' && !asker.sees.includes('p1') ? flawOfPartner(sql) : null;
      if (flaw) flaws.add(`${route} by ${asker.name} ${flaw}`);
    }
    if (said.status >= 500 && said.status !== wanted) flaws.add(`${what}: ${said.status}`);
    const leak = leakOf(asker, said, slot?.name);
    if (leak) flaws.add(`${what}: ${said.status} tells ${leak}`);
    if (said.wrote.length > 0) {
      const changed = await changes(tenants, asker, said.wrote);
      for (const one of changed) flaws.add(`${what}: ${said.status} changed ${one}`);
      await tenants.restore(said.wrote);
    }
    return said;
  };

  const door = POLICY[route];
  // What a page's door hears of its caller is the key in the body, and pages have no other door.
  const askers = tenants.askers.filter((one) => (door === 'page') === (one.page !== undefined));
  const here = small ? fewOf(askers, turn, ENTRIES[route].by) : askers;
  for (const asker of here) {
    const base = await heard(asker);
    if (base.status === wanted || (wanted === undefined && base.status < 300)) right += 1;
    const [first, ...rest] = slotsOf(route);
    const slots = [...(first ? [first] : []), ...(small ? turned(rest, turn++).slice(0, SLOTS) : rest)];
    for (const { at, kinds } of slots) {
      // It is read of somebody who is signed in, where somebody is asked for.
      if (at === PLACE && !(asker.headers.cookie && isAct(door))) continue;
      if (INHERENT.some((one) => one.route === route && one.slot === at)) continue;
      const of = (strangers: readonly Tenant[]) =>
        kinds
          .flatMap((kind) => strangers.flatMap((one) => tenants.names(one, kind).slice(0, FORMS[kind] ?? 1)))
          .filter((one) => !asker.knows.includes(one));
      const strangers = strangersOf(asker);
      // Whoever is turned away at the gate is turned away whatever they name: there one name stands for all.
      const turnedAway = base.status !== wanted && [401, 403, 404].includes(base.status);
      const near = strangers.filter((one) => PROGRAM_OF[one] === PROGRAM_OF[asker.sees[0] ?? 'n0']);
      const some = [near, strangers].flatMap((those) => turned(of(those), turn++).slice(0, 1));
      for (const name of turnedAway ? some.slice(0, 1) : small ? new Set(some) : of(strangers)) {
        const nobodys = tenants.instead(name);
        const [none, theirs] = [await heard(asker, { at, name: nobodys }), await heard(asker, { at, name })];
        const difference = differenceOf(without(none, nobodys), without(theirs, name));
        if (difference) flaws.add(`${route} by ${asker.name}, ${at} = ${name}: ${difference}`);
      }
    }
  }
  if (right === 0) flaws.add(`${route}: nobody was answered as the right asker is`);
  for (const sql of statements) {
    const flaw = flawOf(sql);
    if (flaw) flaws.add(`${route} ${flaw}`);
  }
  return { calls, flaws: [...flaws], statements: [...statements] };
}

/** How many ways there are to name one of them. */
const FORMS: { readonly [kind in Kind]?: number } = {
  ...{ program: 2, partner: 2, group: 2, link: 2, order: 3, orderName: 2, code: 2, actor: 2 },
};

/** At every route; and others, by turns. */
const ALWAYS = ['p1 owner', 'a1 owner'];
const TURNS = 1;
/** Beside the first place of a call that takes a name. */
const SLOTS = 2;

function fewOf(askers: readonly Asker[], turn: number, by = ''): Asker[] {
  const always = askers.filter(({ name, page }) => page !== undefined || name === by || ALWAYS.includes(name));
  const others = askers.filter((one) => !always.includes(one));
  return [...always, ...turned(others, turn).slice(0, TURNS)];
}

/** The same, beginning elsewhere. */
function turned<Item>(items: readonly Item[], turn: number): Item[] {
  const first = items.length > 0 ? turn % items.length : 0;
  return [...items.slice(first), ...items.slice(0, first)];
}

const isAct = (door: Door): boolean => door !== 'public' && door !== 'page' && door !== 'browser';

const hash = (text: string): number => [...text].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 9_973, 7);

/** An answer without the name that was asked for: what is only sent back tells nothing. */
function without(said: Heard, name: string): Heard {
  const bare = (text: string) => {
    const forms = [name, encodeURIComponent(name), JSON.stringify(name).slice(1, -1)];
    return forms.reduce((rest, form) => rest.replaceAll(new RegExp(escaped(form), 'gi'), '<it>'), text);
  };
  return { ...said, text: bare(said.text), headers: said.headers.map(([header, value]) => [header, bare(value)]) };
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** The first mark of a stranger's in an answer, a header or a letter. */
function leakOf(asker: Asker, said: Heard, name: string | undefined): string | null {
  const bare = name === undefined ? said : without(said, name);
  const letters = said.letters.map((one) => JSON.stringify(one)).join();
  let text = `${bare.text}\n${bare.headers.map((one) => one.join(': ')).join('\n')}\n${name ? '' : letters}`;
  for (const known of asker.knows) text = text.replaceAll(known, '');
  const marks = strangersOf(asker).map(markOf);
  const at = text.search(new RegExp(marks.join('|'), 'i'));
  return at < 0 ? null : `…${text.slice(Math.max(0, at - 60), at + 60)}…`;
}

/** How two answers differ; null: not at all. */
function differenceOf(none: Heard, theirs: Heard): string | null {
  const told = (said: Heard) => JSON.stringify([said.status, said.headers, said.text]);
  if (told(none) !== told(theirs))
    return `made up: ${told(none).slice(0, 500)}; a stranger’s: ${told(theirs).slice(0, 500)}`;
  if (none.asked.join('\n') !== theirs.asked.join('\n')) {
    return `other statements: ${none.asked.length} and ${theirs.asked.length}: ${firstDifference(none.asked, theirs.asked)}`;
  }
  if (none.roundTrips !== theirs.roundTrips) return `${none.roundTrips} round trips and ${theirs.roundTrips}`;
  const rows = Math.abs(none.rowsRead - theirs.rowsRead);
  return rows > MOST_ROWS && rows > none.rowsRead * MOST_SHARE
    ? `${none.rowsRead} rows read and ${theirs.rowsRead}`
    : null;
}

/** A row more or less is found, or not, by the same look into the same index; made-up names differ so much among themselves. */
const MOST_ROWS = 2;
const MOST_SHARE = 0.01;

const firstDifference = (one: readonly string[], other: readonly string[]): string => {
  const at = one.findIndex((sql, index) => sql !== other[index]);
  return at < 0 ? `then ${other[one.length]}` : `${one[at]} / ${other[at]}`;
};

/** Rows of strangers that are not as they were. */
async function changes(tenants: Tenants, asker: Asker, tables: readonly string[]): Promise<string[]> {
  const strangers = strangersOf(asker);
  const [before, after] = [tenants.made, await tenants.dump(tables)];
  // What somebody did is noted wherever they have a place, and there on behalf of whom they have it from.
  const places = [...asker.sees, ...(asker.elsewhere ?? [])];
  const isOwnNote = ({ actor }: Row['values'], tenant: Tenant) =>
    asker.personId !== undefined && actor === `person:${asker.personId}` && places.includes(tenant);
  const isTheirs = ({ tenant, values }: Row) =>
    tenant !== null && strangers.includes(tenant) && !isOwnNote(values, tenant);
  return tables.flatMap((table) => {
    const of = (rows: ReadonlyMap<string, readonly Row[]>) =>
      new Set((rows.get(table) ?? []).filter(isTheirs).map((one) => JSON.stringify(one.values)));
    const [was, is] = [of(before), of(after)];
    return [
      ...[...was].filter((row) => !is.has(row)).map((row) => `${table}, gone: ${row}`),
      // An answer that is kept for a named call says by its hash alone whose it is.
      ...(table === 'answers' ? [] : [...is].filter((row) => !was.has(row)).map((row) => `${table}, new: ${row}`)),
    ];
  });
}
