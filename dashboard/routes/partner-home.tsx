/** A partner's first page, made for a phone: what is pending and when, what was earned, links to share. */
import { useModel } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import type { CodePolicy } from '../../edge/core/attribution.ts';
import type { CodeAnswer, LinkAnswer, Summary } from '../api.ts';
import { useHere } from '../here.ts';
import { PartnerHomeModel } from '../models/partner-home.ts';
import { localDay, type Pending } from '../models/releases.ts';
import { isFamily, spanOf } from '../ui/Codes.tsx';
import { Copy } from '../ui/Copy.tsx';
import { Empty } from '../ui/Empty.tsx';
import { Failed } from '../ui/Failed.tsx';
import { type Figure, Figures, FiguresShape } from '../ui/Figures.tsx';
import { amount, count, counted, day, percent } from '../ui/format.ts';
import { NextIcon } from '../ui/icons.tsx';
import { Loading } from '../ui/Loading.tsx';
import { Amounts, Money } from '../ui/Money.tsx';
import { Orders } from '../ui/Orders.tsx';
import { Page } from '../ui/Page.tsx';
import { daysOf, Period } from '../ui/Period.tsx';
import { Skeleton } from '../ui/Skeleton.tsx';
import { Trend } from '../ui/Trend.tsx';

const RECENT = 6;
const SOONEST = 4;

export default function PartnerHome() {
  const { api, session } = useHere();
  const model = useModel(() => new PartnerHomeModel(api));
  const days = daysOf(useLocation().query);
  useEffect(model.open, []);
  useEffect(() => model.show(days), [days]);

  const { currency } = session.current.program;
  const [first] = session.person.name.split(' ');
  const trouble = model.balances.trouble.value ?? model.orders.trouble.value;
  const pending = model.releases.value;
  return (
    <Page title="Overview" heading={first ? `Hello, ${first}` : 'Hello'}>
      <section class="pending" aria-labelledby="pending">
        <h2 id="pending">Pending</h2>
        {trouble ? (
          <Failed trouble={trouble} retry={model.open} />
        ) : pending ? (
          <PendingAmounts of={pending} currency={currency} />
        ) : (
          <Skeleton lines={4} tall />
        )}
      </section>

      <section class="links" aria-labelledby="links">
        <h2 id="links">Your links</h2>
        <Loading of={model.links} shape={<Skeleton lines={2} />}>
          {(links) => <Links of={links} />}
        </Loading>
      </section>

      {Boolean(model.codes.answer.value?.data.length) && (
        <section class="links" aria-labelledby="codes">
          <h2 id="codes">Your codes</h2>
          <Codes of={model.codes.answer.value?.data ?? []} />
        </section>
      )}

      <section aria-labelledby="numbers">
        <div class="section-head">
          <h2 id="numbers">Last {days} days</h2>
          <Period days={days} />
        </div>
        <Loading
          of={model.summary}
          shape={
            <>
              <FiguresShape names={['Earned', 'Orders', 'Valid clicks', 'Clicks that led to an order']} />
              <div class="skeleton chart-shape" />
            </>
          }
        >
          {(summary) => (
            <>
              <Figures of={figures(summary, currency)} />
              <Trend of={summary} earned="Earned" home={currency} />
            </>
          )}
        </Loading>
        <p class="fine">Days begin at midnight UTC. A day’s earnings are of the orders placed on it.</p>
      </section>

      <section aria-labelledby="recent">
        <div class="section-head">
          <h2 id="recent">Recent orders</h2>
          <a class="more" href="/orders">
            All orders
            <NextIcon />
          </a>
        </div>
        <Loading of={model.orders} shape={<Skeleton lines={RECENT} tall />}>
          {({ data }) =>
            data.length > 0 ? (
              <Orders rows={data.slice(0, RECENT)} side="partner" caption="Your latest orders" />
            ) : (
              <Empty title="No orders yet">
                <p>Share a link. When somebody clicks it and buys, the order stands here, earned or not, and why.</p>
              </Empty>
            )
          }
        </Loading>
      </section>
    </Page>
  );
}

function figures({ totals }: Summary, currency: string): Figure[] {
  return [
    {
      name: 'Earned',
      value: <Amounts of={totals.money.map((one) => ({ ...one, amount: one.commission }))} currency={currency} />,
      note:
        totals.money.length > 0 &&
        `on ${totals.money.map((one) => amount(one.sales, one.currency)).join(' and ')} of sales`,
    },
    { name: 'Orders', value: count(totals.orders), note: 'credited to you' },
    { name: 'Valid clicks', value: count(totals.counted), note: `of ${count(totals.clicks)} in all` },
    {
      name: 'Clicks that led to an order',
      value: totals.counted > 0 ? percent(totals.orders / totals.counted) : '–',
      note: 'orders ÷ valid clicks',
    },
  ];
}

function PendingAmounts({ of: all, currency }: { of: readonly Pending[]; currency: string }) {
  if (all.length === 0) {
    return (
      <>
        <p class="big">
          <Money of={0} currency={currency} />
        </p>
        <p class="soft">What you earn is held here first, so that returns can come in.</p>
      </>
    );
  }
  // The program's own currency leads.
  const ordered = [...all].sort((a, b) => Number(b.currency === currency) - Number(a.currency === currency));
  return (
    <>
      {ordered.map((one, index) => (
        <div class="pending-one" key={one.currency}>
          <div>
            <p class={index === 0 ? 'big' : 'big big-next'}>
              <Money of={one.total} currency={one.currency} />
            </p>
            <p class="soft">
              {index === 0 && 'Each order is held for a while, so that returns can come in. '}
              {one.over !== null && one.over > 0 && (
                <>
                  The hold on{' '}
                  <b>
                    <Money of={one.over} currency={one.currency} />
                  </b>{' '}
                  of it has ended; it is not paid out yet.
                </>
              )}
            </p>
          </div>
          <Releases of={one} />
        </div>
      ))}
    </>
  );
}

function Releases({ of: { next, currency, complete } }: { of: Pending }) {
  if (next.length === 0) return complete ? <p class="soft">Nothing is held any more.</p> : null;
  const today = localDay(Date.now());
  const later = next.slice(SOONEST);
  return (
    <div class="releases">
      <h3>Hold ends</h3>
      <ol>
        {next.slice(0, SOONEST).map((one) => (
          <li key={one.day}>
            <time dateTime={one.day}>{one.day === today ? 'today' : day(one.day)}</time>
            <span class="soft">{counted(one.orders, 'order')}</span>
            <b>
              <Money of={one.amount} currency={currency} />
            </b>
          </li>
        ))}
        {later.length > 0 && (
          <li>
            <span>later</span>
            <span class="soft">
              {counted(
                later.reduce((sum, one) => sum + one.orders, 0),
                'order',
              )}
            </span>
            <b>
              <Money of={later.reduce((sum, one) => sum + one.amount, 0)} currency={currency} />
            </b>
          </li>
        )}
      </ol>
      {!complete && <p class="fine">Of your latest 100 orders.</p>}
    </div>
  );
}

const Links = ({ of: links }: { of: readonly LinkAnswer[] }) =>
  links.length === 0 ? (
    <Empty title="No links yet">
      <p>The program gives you your first link.</p>
    </Empty>
  ) : (
    <ul class="link-list">
      {links.map((link) => (
        <li key={link.id} data-copied>
          <div>
            <code>{link.address.replace(/^https?:\/\//, '')}</code>
            <span class="small">leads to {link.url.replace(/^https?:\/\//, '')}</span>
          </div>
          <Copy text={link.address} what={`the link ${link.code}`} />
        </li>
      ))}
    </ul>
  );

const Codes = ({ of: codes }: { of: readonly CodeAnswer[] }) => (
  <ul class="link-list">
    {codes.map(({ code, policy, ...span }) => (
      <li key={code} data-copied>
        <div>
          <code>{code}</code>
          <span class="small whole">
            {isFamily(code) ? `every code that begins with ${code.slice(0, -1)}: ` : ''}
            {MINE[policy as CodePolicy]}
            {spanOf(span) && <> · {spanOf(span)}</>}
          </span>
        </div>
        {!isFamily(code) && <Copy text={code} what={`the code ${code}`} />}
      </li>
    ))}
  </ul>
);

const MINE: Record<CodePolicy, string> = {
  always: 'earns for you whenever it is used',
  if_involved: 'earns for you when the buyer also clicked a link of yours',
  if_winner: 'earns its own rate when your click wins',
  none: 'earns nobody anything',
};
