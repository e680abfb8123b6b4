/** Nobody is signed in: what this is; in the local demo, whom one can be. */
import type { DemoPerson } from '../api.ts';
import { Page } from '../ui/Page.tsx';
import { People } from '../ui/People.tsx';

export default function Welcome({ people }: { people: readonly DemoPerson[] | null }) {
  return (
    <div class="welcome">
      <Page
        title="Welcome"
        heading={<>Every order finds the partner who&nbsp;earned&nbsp;it.</>}
        lead="Tributary tracks affiliate and referral links on one Cloudflare Worker that belongs to the retailer. Each order is credited to the right partner, and both sides see exactly why."
      >
        <svg class="welcome-art" viewBox="0 0 640 120" preserveAspectRatio="none" aria-hidden="true" focusable="false">
          <path class="far" d="M0 14c210 0 230 52 400 52h240" />
          <path class="side" d="M0 108c180 0 200-42 360-42h280" />
          <path class="main" d="M0 58c120 0 150 8 270 8h370" />
        </svg>
        {people ? (
          <section class="chooser">
            <h2>
              <span class="tag tag-warn">Demo</span> Choose who you are
            </h2>
            <p class="soft">
              Invented people with invented orders, on this machine only. A deployed Worker has no such list.
            </p>
            <People list={people} />
          </section>
        ) : (
          <section>
            <h2>Signing in comes with a later version</h2>
            <p>
              Nobody can sign in to these screens yet. Until then the API shows the same to the program’s secret keys:
            </p>
            <pre class="code">
              <code>{`curl ${location.origin}/v1/reports/summary \\\n  -H 'authorization: Bearer trb_sk_…'`}</code>
            </pre>
          </section>
        )}
      </Page>
    </div>
  );
}
