/** One order: who earned it and why, every click that was looked at, and the arithmetic to the unit. */
import { useModel } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { CandidateAnswer, Order as OrderAnswer } from '../api.ts';
import { useHere } from '../here.ts';
import { isBareLead, OrderModel } from '../models/order.ts';
import { Empty } from '../ui/Empty.tsx';
import { FindOrder } from '../ui/FindOrder.tsx';
import { count, ratePpm } from '../ui/format.ts';
import { BackIcon } from '../ui/icons.tsx';
import { Loading } from '../ui/Loading.tsx';
import { Money } from '../ui/Money.tsx';
import { Page } from '../ui/Page.tsx';
import { Skeleton } from '../ui/Skeleton.tsx';
import { Status, Unverified } from '../ui/Status.tsx';
import { Time } from '../ui/Time.tsx';
import { eventWords, labelWords, noteWords, reasonLong, reasonShort, type Side, whyWords } from '../words.ts';

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
  const lost = side === 'partner' && order.allocations.length === 0;
  const lead = isBareLead(order);
  return (
    <>
      <section class="verdict" aria-label="In short">
        <p class="verdict-who">
          {order.allocations.length === 0 && (side === 'partner' ? 'You did not earn this ' : 'Nobody earned this ')}
          {order.allocations.length === 0 && `${kindOf(order).toLowerCase()}.`}
          {lead && 'A lead: it earns nothing by itself under these terms.'}
          {!lead &&
            order.allocations.map((part) => (
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
          <b>{reasonShort(order.reason, side)}.</b>{' '}
          {lead
            ? `Credited to ${order.allocations.map((part) => (part.partner === self ? 'you' : part.name)).join(', ')}.`
            : reasonLong(order.reason, side)}
        </p>
      </section>

      <div class="order-grid">
        <div>
          <section aria-labelledby="decided">
            <h2 id="decided">How it was decided</h2>
            <Timeline of={order} self={self} />
            {explain.notes.length > 0 && (
              <ul class="notes">
                {explain.notes.map((note) => (
                  <li key={note}>{noteWords(note)}</li>
                ))}
              </ul>
            )}
          </section>
          {explain.lines.length > 0 && !lead && (
            <section aria-labelledby="sum">
              <h2 id="sum">How it adds up</h2>
              <Arithmetic of={order} />
            </section>
          )}
        </div>

        <section aria-labelledby="facts">
          <h2 id="facts">The {kindOf(order).toLowerCase()}</h2>
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
            {!lost && !lead && (
              <div>
                <dt>{side === 'partner' ? 'Value that counts for you' : 'Value that counts'}</dt>
                <dd>
                  <Money of={order.base} currency={order.currency} />
                </dd>
              </div>
            )}
            {side === 'program' &&
              order.allocations.map((part) => (
                <div key={part.partnerId}>
                  <dt>Credited to</dt>
                  <dd>
                    {part.name} <span class="slug">{part.partner}</span>
                  </dd>
                </div>
              ))}
            {!lead &&
              order.allocations.map((part) => (
                <div key={part.partnerId}>
                  <dt>Status{order.allocations.length > 1 && `, ${part.name}`}</dt>
                  <dd>
                    <Status {...part} />
                  </dd>
                </div>
              ))}
            {lost && (
              <div>
                <dt>Status</dt>
                <dd>Not earned</dd>
              </div>
            )}
            <div>
              <dt>Rules in force</dt>
              <dd>
                {reasonShort(explain.model, side).toLowerCase()}, policy {explain.policyVersion}, terms{' '}
                {explain.termsVersion}
              </dd>
            </div>
          </dl>
        </section>
      </div>
    </>
  );
}

/** Clicks in the order they came, flowing into the order. */
function Timeline({ of: order, self }: { of: OrderAnswer; self: Self }) {
  const { candidates, notes } = order.explain;
  const clicks = candidates.filter((one) => one.clickId !== null).reverse();
  const others = candidates.length > clicks.length;
  // A partner is not told what an order is worth that it did not earn.
  const told = (self === null || order.allocations.length > 0) && !isBareLead(order);
  return (
    <ol class="river">
      {clicks.map((one) => (
        <Click key={one.clickId} of={one} self={self} lead={isBareLead(order)} />
      ))}
      {clicks.length === 0 && !others && (
        <li class="dropped">
          <p class="river-what">No partner’s click was found</p>
          <p class="small">
            {notes.includes('click_id_invalid')
              ? 'The shop sent a click id with the order, but it is not one of ours.'
              : 'Neither with the cart nor in the buyer’s browser.'}
          </p>
        </li>
      )}
      {others && (
        <li class="dropped">
          <p class="river-what">Another partner</p>
          <p class="small">Also brought a click. Its particulars are theirs alone.</p>
        </li>
      )}
      <li class={`river-order ${order.allocations.length > 0 ? 'earned' : ''}`}>
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

function Click({
  of: { at, partner, name, label, why },
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
        {label && <> · {labelWords(label)}</>}
      </p>
    </li>
  );
}

function Arithmetic({ of: order }: { of: OrderAnswer }) {
  const { lines } = order.explain;
  const shared = lines.some((one) => one.shareMicros !== 1_000_000);
  const several = order.allocations.length > 1;
  const sum = lines.reduce((all, one) => all + one.commission, 0);
  return (
    <table class="sum">
      <caption class="unseen">Each line’s value times its rate is its commission</caption>
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
        {lines.map((one) => (
          <tr key={`${one.line} ${one.partner}`}>
            <th scope="row">
              {one.item ?? `Line ${count(one.line + 1)}`}
              {several && <div class="small">{one.name}</div>}
            </th>
            <td class="number">
              <Money of={one.base} currency={order.currency} />
              {shared && <div class="small">{ratePpm(one.shareMicros)} of the line</div>}
            </td>
            <td class="number">{one.ratePpm === null ? '' : ratePpm(one.ratePpm)}</td>
            <td class="number">
              <Money of={one.commission} currency={order.currency} />
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
