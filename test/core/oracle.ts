/**
 * A second, deliberately plain telling of who earns an order, written from the rules and not from the engine: the engine
 * is held against it on random journeys. It takes nothing from the engine but types and the time inside a click's id,
 * so that one mistake cannot be made in both places by sharing a helper.
 */

import type {
  Code,
  Enrollment,
  Journey,
  Lock,
  Model,
  Override,
  Placement,
  Policy,
  Reason,
  Share,
  Touch,
  Verdict,
  Weights,
  Why,
} from '../../edge/core/attribution.ts';
import { type ClickKey, type GroupId, idTime, type LinkId, type PartnerId } from '../../edge/core/id.ts';

/** What the latest eligible touch set, else the program; and which versions of its link and group were in force. */
interface Settings {
  readonly model: Model;
  readonly guardSeconds: number;
  readonly rejectSolo: boolean;
  readonly linkVersion: number | null;
  readonly groupVersion: number | null;
}

export interface Answer extends Settings {
  readonly reason: Reason;
  readonly step: Verdict['step'];
  readonly policyVersion: number;
  /** Who has what no line's own code decides; nobody where there is nothing left. */
  readonly shares: readonly Share[];
  /** Who has each line; an order without lines of its own is one. */
  readonly lines: readonly (readonly Share[])[];
  readonly binds: PartnerId | null;
  readonly proven: boolean;
  readonly used: readonly { code: string; partnerId: PartnerId; line: number | null }[];
  /** About codes. */
  readonly notes: readonly string[];
  /** Partners with credit who are the customer themselves, where the program has that flagged. */
  readonly flagged: readonly PartnerId[];
  /** What became of each click. */
  readonly whys: ReadonlyMap<ClickKey, Fate>;
}

/** Kept: in the pool that the model picked from. */
interface Fate {
  readonly kept: boolean;
  readonly why: Why;
}

/** Hears of each branch of the rules that a journey took. */
export type Hit = (branch: string) => void;

const DAY = 24 * 60 * 60 * 1000;
const WHOLE = 1_000_000;

/** One click, however often it was told. */
interface Click {
  readonly key: ClickKey;
  readonly at: number;
  readonly partnerId: PartnerId;
  readonly linkId: LinkId | null;
  readonly class: Touch['class'];
  landed: boolean;
  proven: boolean;
}

type Flaw = 'refused' | 'suspect' | 'after_order' | 'outside_window' | 'enrollment_inactive' | 'self_referral';

/** A code that the order, or one of its lines, names. */
interface Named {
  readonly name: string;
  readonly line: number | null;
  readonly code: Code | null;
  readonly standing: 'unknown' | 'inactive' | 'blocked' | 'active';
}

/** Who has the order, or those of its lines that have no say of their own. */
interface Decision {
  readonly reason: Reason;
  readonly step: Verdict['step'];
  readonly shares: readonly Share[];
  /** The credit rests on clicks that only a browser's word brought here. */
  readonly hearsay: boolean;
  readonly binds: PartnerId | null;
}

export function oracle(journey: Journey, hit: Hit = () => {}): Answer {
  const order = journey.occurredAt;
  const program = inForce(journey.policies, order);
  const whys = new Map<ClickKey, Fate>();

  // Which clicks may earn at all, each tested for one flaw after the other; the first flaw found is its flaw.
  const clicks = distinctClicks(journey.touches);
  const fit: Click[] = [];
  const flaws: Flaw[] = [];
  for (const click of clicks) {
    const flaw = flawOf(journey, program, click, hit);
    if (flaw === null) fit.push(click);
    else {
      flaws.push(flaw);
      whys.set(click.key, dropped(flaw));
    }
    hit(`touch: ${flaw ?? 'fit'}`);
  }
  // What only a browser says counts where nothing else does.
  let eligible = fit.filter((click) => click.proven);
  if (eligible.length > 0) {
    for (const click of fit) {
      if (click.proven) continue;
      whys.set(click.key, dropped('unproven'));
      hit('unproven: outdone');
    }
  } else {
    eligible = fit;
    if (fit.length > 0) hit('unproven: alone');
  }
  eligible.sort(byTime);

  const named: Named[] = [];
  for (const name of journey.codes) named.push(look(journey, program, name, null, hit));
  journey.lineCodes.forEach((name, line) => {
    if (name !== null) named.push(look(journey, program, name, line, hit));
  });

  const settings = settingsOf(journey, program, eligible.at(-1) ?? null, hit);
  const { order: decided, lines } = decide({ journey, program, settings, eligible, flaws, named, whys, hit });

  const all = Array.from({ length: Math.max(1, journey.lineCodes.length) }, (_, line) => lines.get(line) ?? decided);
  const credited = new Set(all.flatMap((one) => one.shares.map((share) => share.partnerId)));
  const said = overall(decided, lines, all, hit);
  hit(`${said.step}: ${said.reason}`);
  hit(`partners: ${credited.size}`);
  const proven = !all.some((one) => one.hearsay);
  const used = named.flatMap(({ code, standing, line }) =>
    standing === 'active' && code?.partnerId ? [{ code: code.code, partnerId: code.partnerId, line }] : [],
  );
  const ofSeveral = used.some((one) => one.partnerId !== used[0]?.partnerId);
  if (ofSeveral) hit('codes of two partners');
  if (!proven) hit(`hearsay: ${said.step}`);
  if (decided.binds !== null && said.step === 'pool') hit('binds');

  // Where the pool was asked for some line, what it made of the clicks stands.
  const asked = lines.size < all.length && (decided.step === 'pool' || decided.step === 'nobody');
  if (!asked) {
    for (const click of eligible) whys.set(click.key, fateBefore(said, credited, click));
  }

  return {
    ...said,
    policyVersion: program.version,
    ...settings,
    shares: lines.size === all.length ? [] : decided.shares,
    lines: all.map((one) => one.shares),
    // Codes bind nobody.
    binds: said.step === 'pool' ? decided.binds : null,
    proven,
    used,
    notes: [
      ...named.flatMap(({ name, standing }) =>
        standing === 'unknown' || standing === 'inactive' ? [`code_${standing}: ${name}`] : [],
      ),
      ...(ofSeveral ? ['codes_of_two_partners'] : []),
    ],
    flagged: program.selfReferral === 'flag' ? journey.selfReferrers.filter((partner) => credited.has(partner)) : [],
    whys,
  };
}

// The precedence.

interface Case {
  readonly journey: Journey;
  readonly program: Policy;
  readonly settings: Settings;
  readonly eligible: readonly Click[];
  readonly flaws: readonly Flaw[];
  readonly named: readonly Named[];
  readonly whys: Map<ClickKey, Fate>;
  readonly hit: Hit;
}

function decide(given: Case): { order: Decision; lines: ReadonlyMap<number, Decision> } {
  const { journey, named, eligible, hit } = given;
  const none = new Map<number, Decision>();

  // Step 1.
  if (journey.forced !== null) {
    return { order: toOne('forced', 'forced', journey.forced), lines: none };
  }
  if (journey.renews !== null) return { order: renewed(journey, journey.renews, hit), lines: none };

  // Step 2.
  const active = named.filter((one) => one.standing === 'active');
  if (active.some((one) => one.line === null && one.code?.policy === 'none')) {
    return { order: nobody('code_suppressed', 'code'), lines: none };
  }

  const involved = (partner: PartnerId) => eligible.some((click) => click.partnerId === partner);
  const hearsay = eligible.some((click) => !click.proven);
  const byCode = (code: Code, where: string): Decision | null => {
    if (code.policy === 'none') {
      hit(`${where} none`);
      return nobody('code_suppressed', 'code');
    }
    if (code.partnerId === null) return null;
    if (code.policy === 'always') {
      hit(`${where} always`);
      return toOne('code_owner_wins', 'code', code.partnerId);
    }
    if (code.policy === 'if_involved' && involved(code.partnerId)) {
      hit(`${where} if_involved decides`);
      return { ...toOne('code_owner_wins', 'code', code.partnerId), hearsay };
    }
    hit(`${where} ${code.policy} passes`);
    return null;
  };

  // A line's own code speaks for its line.
  const lines = new Map<number, Decision>();
  for (const { code, line } of active) {
    if (line === null || code === null) continue;
    const decision = byCode(code, 'line');
    if (decision !== null) lines.set(line, decision);
  }

  // Step 3.
  for (const { code, line } of active) {
    if (line !== null || code === null) continue;
    const decision = byCode(code, 'order');
    if (decision !== null) return { order: decision, lines };
  }

  // Step 4.
  if (given.settings.model === 'customer_lock' && journey.lock !== null && lockHolds(given, journey.lock)) {
    return { order: toOne('customer_lock', 'customer_lock', journey.lock.partnerId), lines };
  }

  return { order: byPool(given), lines };
}

/** Steps 5 and 6. */
function byPool({ journey, program, settings, eligible, flaws, named, whys, hit }: Case): Decision {
  const order = journey.occurredAt;
  let pool = [...eligible];
  if (pool.length === 0) {
    if (flaws.includes('self_referral')) return nobody('self_referral');
    if (named.some((one) => one.standing === 'blocked')) {
      hit('self_referral: by code');
      return nobody('self_referral');
    }
    if (flaws.includes('enrollment_inactive')) return nobody('enrollment_inactive');
    if (flaws.includes('outside_window')) return nobody('outside_window');
    return nobody('no_touch');
  }

  // The guard is about a touch that wins alone; where all touches share there is none.
  if (settings.guardSeconds > 0 && settings.model !== 'linear' && settings.model !== 'position') {
    const guarded = pool.filter((click) => order - click.at < settings.guardSeconds * 1000);
    const unguarded = pool.filter((click) => !guarded.includes(click));
    if (pool.some((click) => order - click.at === settings.guardSeconds * 1000)) hit('guard: edge');
    for (const click of guarded) whys.set(click.key, dropped('in_cart_guard'));
    if (unguarded.length > 0) {
      if (guarded.length > 0) hit('guard: drops some');
      pool = unguarded;
    } else if (settings.rejectSolo) {
      return nobody('in_cart_guard');
    } else {
      hit(guarded.length > 1 ? 'guard: latest of several' : 'guard: solo');
      pool = [latest(pool)];
    }
  }

  if (program.channelPolicy === 'dedupe_if_newer' && journey.channelAt !== null) {
    if (journey.channelAt === latest(pool).at) hit('channel: equal');
    if (journey.channelAt > latest(pool).at) {
      for (const click of pool) whys.set(click.key, dropped('channel_newer'));
      return nobody('channel_newer');
    }
  }

  if (pool.some((click, at) => click.at === pool[at + 1]?.at)) hit('pool: equal times');
  const hearsay = pool.some((click) => !click.proven);
  const shares = split(parts(settings.model, program.weights, pool), pool);
  for (const click of pool) whys.set(click.key, { kept: true, why: wordOf(settings.model, click, pool) });
  let binds: PartnerId | null = null;
  if (settings.model === 'customer_lock') {
    // Bound once: only who is unbound, or bound to a partner ended for cause, is bound by what the pool decides.
    if (hearsay) hit('binds not: hearsay');
    else if (journey.lock !== null && !dismissed(journey, journey.lock)) hit('binds not: bound');
    else binds = latest(pool).partnerId;
  }
  return { reason: settings.model, step: 'pool', shares, hearsay, binds };
}

const dropped = (why: Why): Fate => ({ kept: false, why });

/** What the model made of a click that it saw. */
function wordOf(model: Model, click: Click, pool: readonly Click[]): Why {
  if (model === 'linear' || model === 'position') return 'shared';
  if (model === 'first') return click === pool[0] ? 'won' : 'later';
  return click === latest(pool) ? 'won' : 'earlier';
}

/** What became of the eligible clicks where it was not the pool that decided. */
function fateBefore(said: Pick<Answer, 'reason' | 'step'>, owners: ReadonlySet<PartnerId>, click: Click): Fate {
  if (said.step === 'forced') return dropped('forced');
  if (said.step === 'renewal') return dropped('renewal');
  if (said.step === 'customer_lock') return dropped('locked');
  if (said.reason === 'code_suppressed') return dropped('code_suppressed');
  return dropped(owners.has(click.partnerId) ? 'code_owner' : 'code_owner_wins');
}

/** What the lines' own codes leave of the order's reason. */
function overall(
  order: Decision,
  lines: ReadonlyMap<number, Decision>,
  all: readonly Decision[],
  hit: Hit,
): Pick<Answer, 'reason' | 'step'> {
  const lineEarns = [...lines.values()].some((line) => line.shares.length > 0);
  if (lines.size === all.length) {
    hit(lineEarns ? 'lines: all by codes' : 'lines: all suppressed');
    return { reason: lineEarns ? 'code_owner_wins' : 'code_suppressed', step: 'code' };
  }
  if (order.shares.length === 0 && lines.size > 0) {
    hit(lineEarns ? 'lines: the rest has nobody' : 'lines: nobody, some suppressed');
    if (lineEarns) return { reason: 'code_owner_wins', step: 'code' };
  }
  if (order.shares.length > 0 && lines.size > 0) hit(`lines: beside ${order.step}`);
  return { reason: order.reason, step: order.step };
}

const nobody = (reason: Reason, step: Verdict['step'] = 'nobody'): Decision => ({
  reason,
  step,
  shares: [],
  hearsay: false,
  binds: null,
});

const toOne = (reason: Reason, step: Verdict['step'], partnerId: PartnerId): Decision => ({
  ...nobody(reason, step),
  shares: [{ partnerId, shareMicros: WHOLE }],
});

/** The first order's parts as they were; what a partner ended for cause had goes to nobody. */
function renewed(journey: Journey, first: readonly Share[], hit: Hit): Decision {
  const shares = first.filter(({ partnerId }) => {
    const enrollment = enrollmentOf(journey, partnerId);
    return enrollment === null || !endedForCause(enrollment, journey.occurredAt);
  });
  hit(`renewal: ${shares.length === first.length ? 'whole' : shares.length > 0 ? 'some left' : 'none left'}`);
  if (first.length > 0 && shares.length === 0) return nobody('enrollment_inactive', 'renewal');
  return { ...nobody('renewal', 'renewal'), shares };
}

// Touches.

function flawOf(journey: Journey, program: Policy, click: Click, hit: Hit): Flaw | null {
  const order = journey.occurredAt;
  if (click.class === 'refused') return 'refused';
  if (click.class === 'suspect' && !click.landed) return 'suspect';
  if (click.at > order) return 'after_order';
  const end = click.at + windowDays(journey, click, hit) * DAY;
  if (order === end) hit('window: last ms');
  if (order === end + 1) hit('window: first ms after');
  if (order > end) return 'outside_window';
  if (!enrollmentCounts(journey, click)) return 'enrollment_inactive';
  if (blocked(journey, program, click.partnerId)) return 'self_referral';
  return null;
}

const blocked = (journey: Journey, program: Policy, partnerId: PartnerId): boolean =>
  program.selfReferral === 'block' && journey.selfReferrers.includes(partnerId);

function distinctClicks(touches: readonly Touch[]): Click[] {
  const clicks: Click[] = [];
  for (const touch of touches) {
    const known = clicks.find((click) => click.key === touch.clickKey);
    if (known === undefined) {
      const { clickKey: key, partnerId, linkId, landed, proven } = touch;
      clicks.push({ key, at: idTime(key), partnerId, linkId, class: touch.class, landed, proven });
    } else {
      if (touch.landed) known.landed = true;
      if (touch.proven) known.proven = true;
    }
  }
  return clicks;
}

function byTime(a: Click, b: Click): number {
  if (a.at !== b.at) return a.at - b.at;
  return a.key < b.key ? -1 : 1;
}

function latest(sorted: readonly Click[]): Click {
  const last = sorted.at(-1);
  if (last === undefined) throw new Error('an empty pool has no latest touch');
  return last;
}

// Enrollments and locks.

function enrollmentOf(journey: Journey, partnerId: PartnerId): Enrollment | null {
  for (const enrollment of journey.enrollments) {
    if (enrollment.partnerId === partnerId) return enrollment;
  }
  return null;
}

const endedForCause = (enrollment: Enrollment, order: number): boolean =>
  enrollment.forCause && enrollment.stoppedAt !== null && enrollment.stoppedAt <= order;

function activeAt(enrollment: Enrollment | null, at: number): boolean {
  if (enrollment === null) return false;
  if (enrollment.startedAt > at) return false;
  return enrollment.stoppedAt === null || enrollment.stoppedAt > at;
}

/** Active when clicked; what came later is honored, unless it was an end for cause before the order. */
function enrollmentCounts(journey: Journey, click: Click): boolean {
  const enrollment = enrollmentOf(journey, click.partnerId);
  if (enrollment === null || !activeAt(enrollment, click.at)) return false;
  return !endedForCause(enrollment, journey.occurredAt);
}

/** A binding to one who is not, or no longer, in the program. */
function dismissed(journey: Journey, lock: Lock): boolean {
  const enrollment = enrollmentOf(journey, lock.partnerId);
  return enrollment === null || endedForCause(enrollment, journey.occurredAt);
}

function lockHolds({ journey, program, hit }: Case, lock: Lock): boolean {
  if (dismissed(journey, lock)) {
    hit('lock: dismissed');
    return false;
  }
  if (blocked(journey, program, lock.partnerId)) {
    hit('lock: blocked');
    return false;
  }
  if (lock.boundAt === journey.occurredAt) hit('lock: same moment');
  return lock.boundAt < journey.occurredAt;
}

// Codes.

function look(journey: Journey, program: Policy, name: string, line: number | null, hit: Hit): Named {
  const code = codeNamed(journey.knownCodes, name, hit);
  const standing = standingOf(journey, program, code, hit);
  hit(`${line === null ? 'order' : 'line'} code: ${standing}`);
  return { name, line, code, standing };
}

/** The code of that very name; else the family with the longest beginning of it. */
function codeNamed(known: readonly Code[], name: string, hit: Hit): Code | null {
  const families = known.filter((one) => one.code.endsWith('*') && name.startsWith(one.code.slice(0, -1)));
  const exact = known.find((one) => one.code === name);
  if (exact !== undefined) {
    if (families.length > 0) hit('code: exact before family');
    return exact;
  }
  let longest: Code | null = null;
  for (const family of families) {
    if (longest === null || family.code.length > longest.code.length) longest = family;
  }
  if (longest !== null) hit(families.length > 1 ? 'code: longest family' : 'code: family');
  return longest;
}

function standingOf(journey: Journey, program: Policy, code: Code | null, hit: Hit): Named['standing'] {
  const order = journey.occurredAt;
  if (code === null) return 'unknown';
  if (code.startsAt === order) hit('code: first ms');
  if (code.endsAt === order) hit('code: first ms after');
  if (code.startsAt !== null && code.startsAt > order) return 'inactive';
  if (code.endsAt !== null && code.endsAt <= order) return 'inactive';
  // What keeps everybody from earning asks for no owner.
  if (code.policy === 'none' || code.partnerId === null) return 'active';
  if (!activeAt(enrollmentOf(journey, code.partnerId), order)) {
    hit('code: owner inactive');
    return 'inactive';
  }
  return blocked(journey, program, code.partnerId) ? 'blocked' : 'active';
}

// Settings.

/** Before the first version the first one holds; of two that start together, the later saved. */
function inForce<Version extends { startsAt: number; version: number }>(versions: readonly Version[], at: number) {
  const found = inForceOrNone(versions, at);
  if (found === null) throw new Error('a program always has a policy');
  return found;
}

function inForceOrNone<Version extends { startsAt: number; version: number }>(
  versions: readonly Version[],
  at: number,
): Version | null {
  const sorted = [...versions].sort((a, b) => a.startsAt - b.startsAt || a.version - b.version);
  let found = sorted.filter((one) => one.startsAt === sorted[0]?.startsAt).at(-1) ?? null;
  for (const one of sorted) {
    if (one.startsAt <= at) found = one;
  }
  return found;
}

const overrideAt = (overrides: readonly Override[], scope: LinkId | GroupId | null, at: number): Override | null =>
  inForceOrNone(
    overrides.filter((one) => one.scopeId === scope),
    at,
  );

const groupAt = (placements: readonly Placement[], partnerId: PartnerId, at: number): GroupId | null =>
  inForceOrNone(
    placements.filter((one) => one.partnerId === partnerId),
    at,
  )?.groupId ?? null;

/** What the click's link says, and its partner's group, at a moment. */
function saidOf(journey: Journey, click: Click, at: number): { link: Override | null; group: Override | null } {
  return {
    link: overrideAt(journey.overrides, click.linkId, at),
    group: overrideAt(journey.overrides, groupAt(journey.placements, click.partnerId, at), at),
  };
}

/** The link's, else the group's, else the program's, as in force at the click. */
function windowDays(journey: Journey, click: Click, hit: Hit): number {
  const { link, group } = saidOf(journey, click, click.at);
  const program = inForce(journey.policies, click.at);
  hit(`window: ${link?.windowDays != null ? 'link' : group?.windowDays != null ? 'group' : 'program'}`);
  if (link !== null && link.startsAt > click.at) hit('version: before the first');
  return link?.windowDays ?? group?.windowDays ?? program.windowDays;
}

/** The same for what the latest touch sets, as in force when the order came. */
function settingsOf(journey: Journey, program: Policy, setter: Click | null, hit: Hit): Settings {
  const { model, guardSeconds, rejectSolo } = program;
  if (setter === null) {
    hit('settings: no touch');
    return { model, guardSeconds, rejectSolo, linkVersion: null, groupVersion: null };
  }
  const order = journey.occurredAt;
  const { link, group } = saidOf(journey, setter, order);
  hit(`model: ${link?.model != null ? 'link' : group?.model != null ? 'group' : 'program'}`);
  hit(`guard: ${link?.guardSeconds != null ? 'link' : group?.guardSeconds != null ? 'group' : 'program'}`);
  hit(`solo: ${link?.rejectSolo != null ? 'link' : group?.rejectSolo != null ? 'group' : 'program'}`);
  if (groupAt(journey.placements, setter.partnerId, setter.at) !== groupAt(journey.placements, setter.partnerId, order))
    hit('group: changed since the click');
  const then = saidOf(journey, setter, setter.at);
  if (then.link !== link) hit('link: changed since the click');
  return {
    model: link?.model ?? group?.model ?? model,
    guardSeconds: link?.guardSeconds ?? group?.guardSeconds ?? guardSeconds,
    rejectSolo: link?.rejectSolo ?? group?.rejectSolo ?? rejectSolo,
    linkVersion: link?.version ?? null,
    groupVersion: group?.version ?? null,
  };
}

// Models.

/** What each partner of the pool weighs against the others, in whole numbers; the pool is sorted by time. */
function parts(model: Model, weights: Weights, pool: readonly Click[]): Map<PartnerId, bigint> {
  const first = (pool[0] ?? latest(pool)).partnerId;
  const last = latest(pool).partnerId;
  const partners = new Set(pool.map((click) => click.partnerId));
  const all = new Map<PartnerId, bigint>();
  if (model === 'first') return all.set(first, 1n);
  if (model === 'last' || model === 'customer_lock') return all.set(last, 1n);
  if (model === 'linear') {
    for (const partner of partners) all.set(partner, 1n);
    return all;
  }
  const [ofFirst, ofMiddle, ofLast] = [BigInt(weights[0]), BigInt(weights[1]), BigInt(weights[2])];
  const middle = [...partners].filter((partner) => partner !== first && partner !== last);
  if (middle.length === 0) {
    if (first === last) return all.set(first, 1n);
    if (ofFirst === 0n && ofLast === 0n) return all.set(first, 1n).set(last, 1n);
    return all.set(first, ofFirst).set(last, ofLast);
  }
  // The middle's weight is divided by so many partners; instead the ends' are multiplied, which keeps all whole.
  const many = BigInt(middle.length);
  for (const partner of middle) all.set(partner, ofMiddle);
  if (first === last) return all.set(first, (ofFirst + ofLast) * many);
  return all.set(first, ofFirst * many).set(last, ofLast * many);
}

/** A million by these parts: everyone's whole units, then one more each to those who lost most by rounding down. */
function split(weighed: ReadonlyMap<PartnerId, bigint>, pool: readonly Click[]): Share[] {
  // A partner stands where its latest touch stands.
  const standing: PartnerId[] = [];
  for (const click of [...pool].reverse()) {
    if (!standing.includes(click.partnerId)) standing.unshift(click.partnerId);
  }
  let whole = 0n;
  for (const part of weighed.values()) whole += part;
  const rows = standing
    .map((partnerId, place) => ({ partnerId, place, part: weighed.get(partnerId) ?? 0n }))
    .filter((row) => row.part > 0n)
    .map((row) => ({ ...row, units: (row.part * 1_000_000n) / whole, lost: (row.part * 1_000_000n) % whole }));
  let left = 1_000_000n;
  for (const row of rows) left -= row.units;
  const byLoss = [...rows].sort((a, b) => Number(b.lost - a.lost) || b.place - a.place);
  for (const row of byLoss.slice(0, Number(left))) row.units += 1n;
  return rows.map((row) => ({ partnerId: row.partnerId, shareMicros: Number(row.units) }));
}

// Holding an engine against the oracle.

type Engine = (journey: Journey) => Verdict;

const told = (shares: readonly Share[]) => shares.map((share) => [share.partnerId, share.shareMicros]);
const sorted = (texts: readonly string[]): string[] => [...new Set(texts)].sort();

/** An answer as text, in one fixed order of its fields, what has no order sorted. */
export function spelled(answer: Answer): string {
  const { reason, step, policyVersion, model, guardSeconds, rejectSolo, binds, proven } = answer;
  return JSON.stringify({
    ...{ reason, step, policyVersion, model, guardSeconds, rejectSolo, binds, proven },
    versions: [answer.linkVersion, answer.groupVersion],
    shares: told(answer.shares),
    lines: answer.lines.map(told),
    used: sorted(answer.used.map((one) => `${one.code} ${one.partnerId} ${one.line}`)),
    notes: sorted(answer.notes),
    flagged: sorted(answer.flagged),
    whys: [...answer.whys]
      .map(([key, { kept, why }]) => [key, kept, why])
      .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
  });
}

/** What a verdict says of the same things. */
export function heard(verdict: Verdict, journey: Journey): Answer {
  const policy = inForce(journey.policies, journey.occurredAt);
  const { model, guardSeconds, rejectSolo } = verdict.override ?? policy;
  const lines = Array.from(
    { length: Math.max(1, journey.lineCodes.length) },
    (_, line) => verdict.lines.find((one) => one.line === line)?.shares ?? verdict.shares,
  );
  const selves = verdict.notes.filter((note) => note.startsWith('self_referral: ')).map((note) => note.slice(15));
  const credited = lines.flat().map((share) => share.partnerId);
  return {
    reason: verdict.reason,
    step: verdict.step,
    policyVersion: verdict.policyVersion,
    ...{ model, guardSeconds, rejectSolo },
    linkVersion: verdict.override?.linkVersion ?? null,
    groupVersion: verdict.override?.groupVersion ?? null,
    shares: verdict.shares,
    lines,
    binds: verdict.binds,
    proven: verdict.proven,
    used: verdict.used,
    notes: verdict.notes.filter((note) => !note.startsWith('self_referral: ')),
    flagged: credited.filter((partner) => selves.includes(partner)),
    whys: new Map(verdict.candidates.map(({ clickKey, kept, why }) => [clickKey, { kept, why }])),
  };
}

/** What both said, where they differ. */
export function disagreement(engine: Engine, journey: Journey, hit?: Hit): string | null {
  const answer = oracle(journey, hit);
  const expected = spelled(answer);
  let found: string;
  try {
    found = spelled(heard(engine(journey), journey));
  } catch (error) {
    found = `threw ${error}`;
  }
  return found === expected ? null : `engine ${found}\noracle ${expected}`;
}

/** The shares of a decision by pool, worked out again from what its explanation says and the program's weights. */
export function sharesAgain({ model, candidates }: Pick<Verdict, 'model' | 'candidates'>, weights: Weights): Share[] {
  const pool = candidates
    .filter((one) => one.kept)
    .map((one) => ({ ...one, key: one.clickKey, landed: true, proven: true }))
    .sort(byTime);
  return split(parts(model, weights, pool), pool);
}

/** The same failure with all taken away that it does not need. */
export function smallest(journey: Journey, fails: (journey: Journey) => boolean): Journey {
  const lists = [
    ...(['touches', 'enrollments', 'codes', 'lineCodes', 'knownCodes'] as const),
    ...(['overrides', 'placements', 'selfReferrers', 'policies'] as const),
  ];
  const simpler: Journey[] = [
    ...(['lock', 'channelAt', 'forced', 'renews'] as const)
      .filter((part) => journey[part] !== null)
      .map((part) => ({ ...journey, [part]: null })),
    ...lists.flatMap((part) => journey[part].map((_, at) => ({ ...journey, [part]: journey[part].toSpliced(at, 1) }))),
  ];
  const next = simpler.find((one) => one.policies.length > 0 && fails(one));
  return next === undefined ? journey : smallest(next, fails);
}
