/** An address without a page. */
import { Empty } from '../ui/Empty.tsx';
import { Page } from '../ui/Page.tsx';

export default function Lost() {
  return (
    <Page title="No page here">
      <Empty title="There is nothing at this address">
        <p>It may have been mistyped, or it belongs to somebody else.</p>
        <p>
          <a class="button" href="/">
            Go to the overview
          </a>
        </p>
      </Empty>
    </Page>
  );
}
