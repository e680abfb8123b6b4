/** One order: who earned it and why, every click that was looked at, and the arithmetic to the unit. */
import { useModel } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { CandidateAnswer, ExplainAnswer, LineAnswer, Order as OrderAnswer } from '../api.ts';
import { useHere } from '../here.ts';
import { earnedParts, eyesOf, isAssist, isBareLead, OrderModel } from '../models/order.ts';
import { Empty } from '../ui/Empty.tsx';
import { FindOrder } from '../ui/FindOrder.tsx';
import { amount, count, ratePpm } from '../ui/format.ts';
import { BackIcon } from '../ui/icons.tsx';
import { Loading } from '../ui/Loading.tsx';
import { Money } from '../ui/Money.tsx';
import { Page } from '../ui/Page.tsx';
import { Skeleton } from '../ui/Skeleton.tsx';
import { Status, Unverified } from '../ui/Status.tsx';
import { Time } from '../ui/Time.tsx';
import {
  eventWords,
  labelWords,
  noteWords,
  reasonLong,
  reasonShort,
  type Side,
  stepWords,
  UNVERIFIED,
  whenWords,
  whyWords,
} from '../words.ts';

/** Whose eyes: the partner's own slug, or null for the program. */
type Self = string | null;

export default function Order({ id }: { id: string }) {
  const { api, session } = useHere();
  const { order } = useModel(() => new OrderModel(api));
  useEffect(() => {
    order.load(id);
  }, [id]);
  const self = session.current.partner?.slug ?? null;
  const told = order.trouble.value ? null : order.answer.value;
  const kind = told ? kindOf(told) : 'Order';
  const [, number] = /^order:(.+)$/s.exec(id) ?? [];
  return (
    <>
      <a class="back" href="/orders">
        <BackIcon />
        Orders
      </a>
      <Page
        // Another order is another page, for the focus too.
        key={id}
        title={told ? `${kind} ${told.orderId}` : 'Order'}
        heading={
          told ? (
            <>
              {kind} <span class="order-id">{told.orderId}</span>
            </>
          ) : (
            'Order'
          )
        }
      >
        {number !== undefined && order.trouble.value?.code === 'not_found' ? (
          <NotFound number={number} side={self === null ? 'program' : 'partner'} />
        ) : (
          <Loading of={order} shape={<Skeleton lines={9} tall />}>
            {(one) => <Explained of={one} self={self} />}
          </Loading>
        )}
      </Page>
    </>
  );
}

const kindOf = ({ event }: OrderAnswer): string => (event === 'lead' ? 'Lead' : 'Order');

/** Somebody looked for it by its number. */
const NotFound = ({ number, side }: { number: string; side: Side }) => (
  <Empty title={`No order with the number ${number}`} role="alert">
    <p>
      {side === 'partner'
        ? 'Either its number is another one, or no click of yours was considered for it.'
        : 'The shop has not told of a sale with this number. It may be written differently, or not posted yet.'}
    </p>
    <FindOrder key={number} number={number} />
  </Empty>
);

function Explained({ of: order, self }: { of: OrderAnswer; self: Self }) {
  const { explain } = order;
  const side: Side = self === null ? 'program' : 'partner';
  const parts = earnedParts(order);
  const lost = side === 'partner' && parts.length === 0;
  const lead = isBareLead(order);
  const kind = kindOf(order).toLowerCase();
  return (
    <>
      <section class="verdict" aria-label="In short">
        <p class="verdict-who">
          {parts.length === 0 && `${side === 'partner' ? 'You did not earn' : 'Nobody earned'} this ${kind}.`}
          {lead && 'A lead: it earns nothing by itself under these terms.'}
          {!lead &&
            parts.map((part) => (
              <span key={part.partnerId}>
                {part.partner === self ? 'You' : part.name} earned{' '}
                <b>
                  <Money of={part.commission} currency={part.currency} />
                </b>
                {part.shareMicros < 1_000_000 && <> for {ratePpm(part.shareMicros)} of the order</>}.{' '}
              </span>
            ))}
        </p>
        <p class="verdict-why">
          <b>{reasonShort(order.reason, eyesOf(order, side))}.</b>{' '}
          {lead
            ? `Credited to ${parts.map((part) => (part.partner === self ? 'you' : part.name)).join(', ')}.`
            : reasonLong(order.reason, eyesOf(order, side))}
        </p>
        {side === 'program' && <Assists of={order} />}
        {explain.unverified && (
          <p class="verdict-more">
            <Unverified /> {UNVERIFIED[explain.unverified]}
          </p>
        )}
      </section>

      <div class="order-grid">
        <div>
          <section aria-labelledby="decided">
            <h2 id="decided">How it was decided</h2>
            <Timeline of={order} self={self} />
            {explain.notes.length > 0 && (
              <ul class="notes">
                {explain.notes.map((note) => (
                  <li key={note}>{noteWords(note, (id) => partnerNamed(order, id))}</li>
                ))}
              </ul>
            )}
          </section>
          {explain.lines.length > 0 && !lead && (
            <section aria-labelledby="sum">
              <h2 id="sum">How it adds up</h2>
              <Arithmetic of={order} self={self} />
            </section>
          )}
        </div>

        <section aria-labelledby="facts">
          <h2 id="facts">The {kind}</h2>
          <dl class="facts">
            <div>
              <dt>Ordered</dt>
              <dd>
                <Time at={order.occurredAt} />
              </dd>
            </div>
            <div>
              <dt>Reported</dt>
              <dd>
                <Time at={order.receivedAt} /> {!order.verified && <Unverified />}
              </dd>
            </div>
            {order.event !== 'sale' && (
              <div>
                <dt>Kind</dt>
                <dd>{eventWords(order.event)}</dd>
              </div>
            )}
            {explain.customerType !== null && explain.customerType !== 'unknown' && (
              <div>
                <dt>Customer</dt>
                <dd>{explain.customerType}</dd>
              </div>
            )}
            {!lost && !lead && (
              <div>
                <dt>{side === 'partner' ? 'Value that counts for you' : 'Value that counts'}</dt>
                <dd>
                  <Money of={order.base} currency={order.currency} />
                </dd>
              </div>
            )}
            {side === 'program' &&
              parts.map((part) => (
                <div key={part.partnerId}>
                  <dt>Credited to</dt>
                  <dd>
                    {part.name} <span class="slug">{part.partner}</span>
                  </dd>
                </div>
              ))}
            {!lead &&
              parts.map((part) => (
                <div key={part.partnerId}>
                  <dt>Status{parts.length > 1 && `, ${part.name}`}</dt>
                  <dd>
                    <Status {...part} />
                  </dd>
                </div>
              ))}
            {lost && (
              <div>
                <dt>Status</dt>
                <dd>{order.allocations.some(isAssist) ? 'Assist, not paid' : 'Not earned'}</dd>
              </div>
            )}
            {side === 'program' && (
              <div>
                <dt>Decided by</dt>
                <dd>{stepWords(explain.step)}</dd>
              </div>
            )}
            <div>
              <dt>Rules in force</dt>
              <dd>
                {reasonShort(explain.model).toLowerCase()}
                {inPlace(explain.override)}, policy {explain.policyVersion}, terms {termsOf(explain)}
              </dd>
            </div>
          </dl>
        </section>
      </div>
    </>
  );
}

/** Whose settings stood in place of the program's. */
const inPlace = (override: ExplainAnswer['override']): string =>
  override === null ? '' : ` by the ${override.linkVersion === null ? 'partner’s group' : 'link'}’s own settings`;

/** Partners of several groups are paid by several terms. */
const termsOf = ({ lines, termsVersion }: ExplainAnswer): string => {
  const versions = [...new Set(lines.map((one) => one.termsVersion))];
  return (versions.length > 0 ? versions : [termsVersion]).join(' and ');
};

const partnerNamed = ({ allocations }: OrderAnswer, id: string): string =>
  allocations.find((part) => part.partnerId === id)?.name ?? 'a partner';

/** Those whose clicks led here, and whom a code's owner went before. */
function Assists({ of: order }: { of: OrderAnswer }) {
  const names = order.allocations.filter(isAssist).map((part) => part.name);
  if (names.length === 0) return null;
  return (
    <p class="verdict-more">
      <span class="tag">assist</span> {names.join(' and ')}: {names.length > 1 ? 'their clicks' : 'its click'} led here,
      and {names.length > 1 ? 'are' : 'is'} kept without pay.
    </p>
  );
}

/** Clicks in the order they came, flowing into the order. */
function Timeline({ of: order, self }: { of: OrderAnswer; self: Self }) {
  const { candidates, notes } = order.explain;
  const clicks = candidates.filter((one) => one.clickId !== null).reverse();
  const others = candidates.length > clicks.length;
  const earned = earnedParts(order).length > 0;
  // A partner is not told what an order is worth that it did not earn.
  const told = (self === null || earned) && !isBareLead(order);
  return (
    <ol class="river">
      {clicks.map((one) => (
        <Click key={one.clickId} of={one} self={self} lead={isBareLead(order)} />
      ))}
      {clicks.length === 0 && !others && order.explain.step === 'nobody' && (
        <li class="dropped">
          <p class="river-what">No partner’s click was found</p>
          <p class="small">
            {notes.includes('click_id_invalid')
              ? 'The shop sent a click id with the order, but it is not one of ours.'
              : 'Neither with the cart, nor in the browser that ordered, nor on another device of this customer.'}
          </p>
        </li>
      )}
      {others && (
        <li class="dropped">
          <p class="river-what">Another partner</p>
          <p class="small">Also brought a click. Its particulars are theirs alone.</p>
        </li>
      )}
      <Decider of={order} self={self} />
      <li class={`river-order ${earned ? 'earned' : ''}`}>
        <p class="river-what">
          {kindOf(order)} <span class="order-id">{order.orderId}</span>
        </p>
        <p class="small">
          <Time at={order.occurredAt} />
          {told && (
            <>
              {' '}
              · <Money of={order.base} currency={order.currency} />
            </>
          )}
        </p>
      </li>
    </ol>
  );
}

/** What came with the order: its codes, and whatever else decided before clicks do. */
function Decider({ of: order, self }: { of: OrderAnswer; self: Self }) {
  const { step, codes, renewalOf } = order.explain;
  const parts = earnedParts(order);
  const names = parts.map((part) => (part.partner === self ? 'you' : part.name)).join(' and ');
  const mine = parts.length > 0 ? 'won' : 'dropped';
  // To who earned nothing of it, the reason above says all that is theirs to know.
  if (self !== null && parts.length === 0 && codes.length === 0) return null;
  const pays = (partner: string | null) => partner !== null && parts.some((part) => part.partner === partner);
  return (
    <>
      {codes.map(({ code, line, partner, name }) => (
        <li key={`${line} ${code}`} class={(step === 'code' || line !== null) && pays(partner) ? 'won' : 'dropped'}>
          <p class="river-what">
            Code <code>{code}</code>
          </p>
          <p class="small">
            {partner === null ? 'no partner’s' : partner === self ? 'yours' : `of ${name}`}
            {line !== null && ` · used for ${itemNamed(order, line)} alone`}
          </p>
        </li>
      ))}
      {step === 'forced' && (
        <li class={mine}>
          <p class="river-what">The shop’s server named {names}</p>
        </li>
      )}
      {step === 'renewal' && (
        <li class={mine}>
          <p class="river-what">
            {renewalOf ? <a href={`/orders/${renewalOf}`}>First order of the subscription</a> : 'First order'}
          </p>
          <p class="small">{names ? `earned by ${names}` : 'nobody still takes part who earned it'}</p>
        </li>
      )}
      {step === 'customer_lock' && (
        <li class={mine}>
          <p class="river-what">The customer was bound to {names} before</p>
        </li>
      )}
    </>
  );
}

const itemNamed = ({ explain }: OrderAnswer, line: number): string =>
  [...explain.lines, ...explain.suppressed].find((one) => one.line === line)?.item ?? `line ${count(line + 1)}`;

function Click({
  of: { at, partner, name, label, proven, why },
  self,
  lead,
}: {
  of: CandidateAnswer;
  self: Self;
  lead: boolean;
}) {
  const won = why === 'won' || why === 'shared';
  return (
    <li class={won ? 'won' : 'dropped'}>
      <p class="river-what">
        {partner === self ? 'Your click' : `Click from ${name}`}
        {why && <span class={won ? 'tag tag-good' : 'tag'}>{won && lead ? 'Credited' : whyWords(why)}</span>}
      </p>
      <p class="small">
        {at && <Time at={at} />}
        {label && <> · {labelWords(label, proven ?? true)}</>}
      </p>
    </li>
  );
}

function Arithmetic({ of: order, self }: { of: OrderAnswer; self: Self }) {
  const { lines, suppressed, codes } = order.explain;
  const shared = lines.some((one) => one.shareMicros !== 1_000_000);
  const several = new Set(lines.map((one) => one.partner)).size > 1;
  const sum = lines.reduce((all, one) => all + one.commission, 0);
  const codeOf = (line: number) => codes.find((one) => one.line === line)?.code;
  const rows = [...lines, ...suppressed.map((one) => ({ ...one, partner: null }))].sort((a, b) => a.line - b.line);
  return (
    <table class="sum">
      <caption class="unseen">What each line is worth, by which rule it is paid, and its commission</caption>
      <thead>
        <tr>
          <th scope="col">Item</th>
          <th scope="col" class="number">
            Value
          </th>
          <th scope="col" class="number">
            × Rate
          </th>
          <th scope="col" class="number">
            = Commission
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((one) => (
          <tr key={`${one.line} ${one.partner}`} class={one.partner === null ? 'muted' : undefined}>
            <th scope="row">
              {one.item ?? `Line ${count(one.line + 1)}`}
              {codeOf(one.line) && (
                <div class="small">
                  code <code>{codeOf(one.line)}</code>
                </div>
              )}
              {one.partner === null ? (
                <div class="small">Its code keeps everybody from earning</div>
              ) : (
                <>
                  {several && <div class="small">{one.partner === self ? 'You' : one.name}</div>}
                  <RuleOf of={one} all={lines} currency={order.currency} />
                </>
              )}
            </th>
            <td class="number">
              <Money of={one.base} currency={order.currency} />
              {one.partner !== null && shared && <div class="small">{ratePpm(one.shareMicros)} of the line</div>}
            </td>
            <td class="number">{one.partner === null ? '–' : rateOf(one)}</td>
            <td class="number">
              <Money of={one.partner === null ? 0 : one.commission} currency={order.currency} />
            </td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row" colSpan={3}>
            Sum
          </th>
          <td class="number">
            <b>
              <Money of={sum} currency={order.currency} />
            </b>
          </td>
        </tr>
      </tfoot>
    </table>
  );
}

const rateOf = ({ ratePpm: rate, fixed }: LineAnswer): string =>
  rate !== null ? ratePpm(rate) : fixed !== null ? 'fixed' : '–';

/** Which rule paid a line, where it is not simply a rate of everything. */
function RuleOf({ of: one, all, currency }: { of: LineAnswer; all: readonly LineAnswer[]; currency: string }) {
  const of = whenWords(one.when, (code, value) => amount(value, code));
  const under = all.filter((other) => other.termsVersion === one.termsVersion && other.rule === one.rule);
  const paid = under.reduce((sum, other) => sum + other.commission, 0);
  const said = [
    one.rule === null && 'no rule of the terms matches',
    one.fixed !== null &&
      `${amount(one.fixed, currency)} for the whole order${under.length > 1 ? ', spread by value' : ''}`,
    of && `rule for ${of}`,
    one.cap !== null && `at most ${amount(one.cap, currency)} an order${paid >= one.cap ? ': reached' : ''}`,
  ].filter(Boolean);
  return said.length > 0 ? <div class="small">{said.join(' · ')}</div> : null;
}
