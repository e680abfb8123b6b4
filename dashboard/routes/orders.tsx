/** Every order, newest first; for a partner, every one that a click or code of its own was considered for. */
import { useModel } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { useHere } from '../here.ts';
import { OrdersModel } from '../models/orders.ts';
import { Empty } from '../ui/Empty.tsx';
import { Failed } from '../ui/Failed.tsx';
import { FindOrder } from '../ui/FindOrder.tsx';
import { count, counted } from '../ui/format.ts';
import { Orders as OrderTable } from '../ui/Orders.tsx';
import { Page } from '../ui/Page.tsx';
import { Skeleton } from '../ui/Skeleton.tsx';

export default function Orders() {
  const { api, session } = useHere();
  const model = useModel(() => new OrdersModel(api));
  useEffect(() => {
    model.open();
  }, []);

  const side = session.current.partner ? 'partner' : 'program';
  const loaded = model.orders.value;
  const rows = model.shown.value;
  const unearned = model.unearned.value;
  const not = side === 'partner' ? 'Not earned' : 'Not credited';
  const trouble = model.trouble.value;
  const lead =
    side === 'partner'
      ? 'Orders that a click or code of yours was considered for, earned or not, newest first. Open one to see why.'
      : 'Every order the shop has told, newest first, credited or not. Open one to see why.';
  const all = loaded?.length ?? 0;
  const said = unearned
    ? `${count(rows?.length ?? 0)} ${not.toLowerCase()} among ${model.more.value ? `the ${count(all)} loaded so far` : `all ${counted(all, 'order')}`}`
    : `${model.more.value ? '' : 'All '}${counted(all, 'order')} shown`;
  return (
    <Page title="Orders" lead={lead}>
      {loaded && loaded.length > 0 && (
        <div class="tools">
          <FindOrder />
          <fieldset class="period">
            <legend class="unseen">Orders shown, of those loaded</legend>
            {[false, true].map((one) => (
              <button key={`${one}`} type="button" aria-pressed={one === unearned} onClick={() => model.only(one)}>
                {one ? not : 'All'}
              </button>
            ))}
          </fieldset>
        </div>
      )}
      {rows && rows.length > 0 && (
        <OrderTable rows={rows} side={side} caption={side === 'partner' ? 'Your orders' : 'Orders of the program'} />
      )}
      {loaded?.length === 0 && (
        <Empty title="No orders yet">
          <p>
            {side === 'partner'
              ? 'When somebody clicks your link and buys, the order stands here.'
              : 'Post a test order to see one here.'}
          </p>
        </Empty>
      )}
      {trouble && <Failed trouble={trouble} retry={model.retry} />}
      {!loaded && !trouble && <Skeleton lines={12} tall />}
      {loaded && rows && loaded.length > 0 && (
        <div class="list-foot">
          <p class="soft" aria-live="polite">
            {said}
          </p>
          {model.more.value && !trouble && (
            <button type="button" class="button" aria-disabled={model.busy.value} onClick={model.loadMore}>
              {model.busy.value ? 'Loading…' : 'Load more'}
            </button>
          )}
        </div>
      )}
    </Page>
  );
}
