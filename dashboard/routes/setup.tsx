/** For the shop's developer: what to paste, what to post, where the first order is seen, and how well all of it works. */
import { useModel } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import stub from '../../sdk/stub.js';
import type { SetupAnswer } from '../api.ts';
import { useHere } from '../here.ts';
import { SetupModel } from '../models/setup.ts';
import { Copy } from '../ui/Copy.tsx';
import { Loading } from '../ui/Loading.tsx';
import { Page } from '../ui/Page.tsx';
import { Skeleton } from '../ui/Skeleton.tsx';
import { Time } from '../ui/Time.tsx';
import { reasonShort } from '../words.ts';

/** A command's own would be taken for a robot's, and the click would earn nothing. */
const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36';

export default function Setup() {
  const { api, session } = useHere();
  const { program } = session.current;
  const { links, setup } = useModel(() => new SetupModel(api));
  useEffect(() => {
    links.load(null);
    setup.load(null);
  }, []);
  const link = links.answer.value?.[0];
  const demo = program.mode === 'sandbox' && program.slug === 'demo';
  const key = demo ? 'trb_pk_test_demo' : 'trb_pk_…';
  const secret = demo ? 'trb_sk_test_demo' : 'trb_sk_…';
  const { origin } = location;

  const names = setup.answer.value?.params ?? [];
  const params = names.length > 0 ? ` data-params="${names.join(',')}"` : '';
  const snippet = `<script>${stub}</script>
<script async src="${origin}/sdk.js" data-key="${key}"${params}></script>`;
  const keep = `tributary('get', 'clickId', (clickId) => {
  // keep it with the cart, so that your server can send it along
});`;
  const order = (link = `${origin}/go/…`) => `TCID=$(curl -s -o /dev/null -w '%{redirect_url}' \\
  -A '${BROWSER}' \\
  '${link}' | sed 's/.*tcid=//; s/[&#].*//')

curl '${origin}/v1/conversions?explain=1' \\
  -H 'authorization: Bearer ${secret}' \\
  -H 'content-type: application/json' \\
  -d '{
    "orderId": "test-'"$(date +%s)"'",
    "currency": "${program.currency}",
    "amount": 4200,
    "clickId": "'"$TCID"'"
  }'`;
  return (
    <Page title="Set up" lead="From nothing to a first tracked test order: three pieces to paste.">
      <ol class="steps">
        <Step title="Put this into every page’s head" paste={<Paste what="the snippet" code={snippet} />}>
          <p>
            The first line queues calls until the script has come; neither holds up the page. It notices a landing from
            a partner’s link by itself.
          </p>
          <p>
            Where the law asks for the visitor’s yes, it must come on the page they land on: until then the click id
            lives in that page’s memory only.
          </p>
          {!demo && (
            <p>
              Replace <code>trb_pk_…</code> by the program’s publishable key.
            </p>
          )}
        </Step>
        <Step title="Keep the click with the cart" paste={<Paste what="the call" code={keep} />}>
          <p>
            The click id is a signed token. With it an order finds its partner even where cookies are lost. To try it,
            follow a partner’s link to a page with the snippet: from then on this call answers with one.
          </p>
        </Step>
        <Step
          title="Post each order from your server"
          paste={
            <Loading of={links} shape={<Skeleton lines={14} />}>
              {() => <Paste what="the commands" code={order(link?.address)} />}
            </Loading>
          }
        >
          <p>
            The amount is of goods after discounts, before tax and shipping, in the smallest unit. The same{' '}
            <code>orderId</code> again is the same order, so retrying is safe. <code>explain=1</code> answers with the
            reasons.
          </p>
          <p>
            Pasted into a terminal, this makes the first one: it clicks the link of{' '}
            {link ? <b>{link.partner}</b> : 'a partner'} as a visitor would, then posts an order that this click earns.
            {program.mode === 'live' && ' This program is live: both count.'}
          </p>
          {links.answer.value?.length === 0 && (
            <p>
              There is no link yet: replace <code>/go/…</code> by one.
            </p>
          )}
          {!demo && (
            <p>
              Replace <code>trb_sk_…</code> by a secret key. It belongs on your server, never into a page.
            </p>
          )}
        </Step>
        <li>
          <h2>See it arrive</h2>
          <p>
            The order stands at once under <a href="/orders">Orders</a>, with who earned it and why. Without a click id
            it is kept too: credited to nobody, for the reason “{reasonShort('no_touch', 'program')}”.
          </p>
        </li>
      </ol>
      <section class="connected">
        <h2>How well it works</h2>
        <Loading of={setup} shape={<Skeleton lines={6} />}>
          {(told) => <Grade told={told} />}
        </Loading>
      </section>
    </Page>
  );
}

/** For how long a browser remembers a click, and what would make it longer. */
const GRADES = {
  A: {
    means: 'The Worker answers on the shop’s own host. Browsers keep the visitor for the whole window.',
    better: null,
  },
  B: {
    means:
      'The Worker answers on a sub-domain. The server keeps the visitor in a cookie; Safari drops it after 7 days where the sub-domain’s addresses differ from the shop’s.',
    better: 'Route a path of the shop’s own host to the Worker, such as /_t/*, and load /_t/sdk.js from there.',
  },
  C: {
    means:
      'The Worker answers on another site. A script keeps the visitor; Safari drops that after 7 days, after 24 hours where the link was decorated.',
    better:
      'Route a path of the shop’s own host to the Worker, such as /_t/*, and load /_t/sdk.js from there. Until then send the click id with each order.',
  },
  D: {
    means: 'No page tells of its visitors: an order is credited only by the click id it carries.',
    better: 'Paste the snippet into every page, best from a path of the shop’s own host, such as /_t/sdk.js.',
  },
} as const;

const KINDS: Record<SetupAnswer['seen'][number]['kind'], string> = {
  page: 'A page with the snippet',
  landing: 'A landing from a link',
  identify: 'A customer who signed in',
  browser_order: 'An order told by a page',
  server_order: 'An order told by the server',
  pixel: 'The pixel',
};

function Grade({ told }: { told: SetupAnswer }) {
  const grade = told.grade && GRADES[told.grade];
  const seen = new Map(told.seen.map((one) => [one.kind, one]));
  return (
    <>
      {grade ? (
        <p>
          <b>Grade {told.grade}.</b> {grade.means} {grade.better && <>For a better one: {grade.better}</>}
        </p>
      ) : (
        <p>No page was heard of in the last 30 days. Paste the snippet, then open a page of the shop.</p>
      )}
      <dl class="facts sum">
        {(Object.keys(KINDS) as (keyof typeof KINDS)[]).map((kind) => {
          const last = seen.get(kind);
          return (
            <div key={kind}>
              <dt>{KINDS[kind]}</dt>
              <dd>
                {last ? <Time at={last.lastAt} /> : 'not yet'}
                {last?.host && ` on ${last.host}`}
              </dd>
            </div>
          );
        })}
      </dl>
      {told.sdk.integrity && (
        <p>
          A page that must know byte for byte what it runs may load the script under its version, {told.sdk.version},
          which never changes: <code>{`${location.origin}${told.sdk.path}`}</code> with{' '}
          <code>{`integrity="${told.sdk.integrity}" crossorigin="anonymous"`}</code>.
        </p>
      )}
    </>
  );
}

function Step({ title, paste, children }: { title: string; paste: ComponentChildren; children: ComponentChildren }) {
  return (
    <li>
      <h2>{title}</h2>
      {children}
      {paste}
    </li>
  );
}

const Paste = ({ what, code }: { what: string; code: string }) => (
  <div class="paste" data-copied>
    <pre class="code">
      <code>{code}</code>
    </pre>
    <Copy text={code} what={what} />
  </div>
);
