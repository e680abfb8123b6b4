/** Every order, newest first. */
import { useModel } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { useHere } from '../here.ts';
import { OrdersModel } from '../models/orders.ts';
import { Empty } from '../ui/Empty.tsx';
import { Failed } from '../ui/Failed.tsx';
import { counted } from '../ui/format.ts';
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
  const rows = model.orders.value;
  const trouble = model.trouble.value;
  const lead =
    side === 'partner'
      ? 'Orders that you have a part in, newest first. Open one to see why.'
      : 'Every order the shop has told, newest first, credited or not. Open one to see why.';
  return (
    <Page title="Orders" lead={lead}>
      {rows && rows.length > 0 && (
        <OrderTable rows={rows} side={side} caption={side === 'partner' ? 'Your orders' : 'Orders of the program'} />
      )}
      {rows?.length === 0 && (
        <Empty title="No orders yet">
          <p>
            {side === 'partner'
              ? 'When somebody clicks your link and buys, the order stands here.'
              : 'Post a test order to see one here.'}
          </p>
        </Empty>
      )}
      {trouble && <Failed trouble={trouble} retry={model.retry} />}
      {!rows && !trouble && <Skeleton lines={12} tall />}
      {rows && rows.length > 0 && (
        <div class="list-foot">
          <p class="soft" aria-live="polite">
            {model.more.value ? `${counted(rows.length, 'order')} shown` : `All ${counted(rows.length, 'order')} shown`}
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
