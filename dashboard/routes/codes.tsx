/** What the program says besides its own settings: codes that name partners, groups, links with settings of their own. */
import { useModel } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { CodeAnswer, GroupAnswer, LinkAnswer } from '../api.ts';
import { useHere } from '../here.ts';
import { CodesModel } from '../models/codes.ts';
import { isFamily, spanOf } from '../ui/Codes.tsx';
import { Empty } from '../ui/Empty.tsx';
import { counted } from '../ui/format.ts';
import { BackIcon } from '../ui/icons.tsx';
import { Loading } from '../ui/Loading.tsx';
import { Page } from '../ui/Page.tsx';
import { Skeleton } from '../ui/Skeleton.tsx';
import { Table, type TableColumn } from '../ui/Table.tsx';
import { policyWords, reasonShort } from '../words.ts';

export default function Codes() {
  const { api } = useHere();
  const model = useModel(() => new CodesModel(api));
  useEffect(model.open, []);
  return (
    <>
      <a class="back" href="/partners">
        <BackIcon />
        Partners
      </a>
      <Page
        title="Codes and groups"
        lead="Discount codes that name partners, and what groups and links say in place of the program’s settings. They are made over the API."
      >
        <section aria-labelledby="codes">
          <h2 id="codes">Codes</h2>
          <Loading of={model.codes} shape={<Skeleton lines={6} tall />}>
            {({ data }) =>
              data.length === 0 ? (
                <Empty title="No codes yet">
                  <p>
                    <code>POST /v1/codes</code> gives a code to a partner.
                  </p>
                </Empty>
              ) : (
                <>
                  <Table
                    caption="Discount codes, their owners and what they do"
                    columns={CODES}
                    rows={data}
                    id={({ code }) => code}
                    muted={isOver}
                  />
                  <Meaning of={data} />
                  {model.more.value && (
                    <div class="list-foot">
                      <p class="soft" aria-live="polite">
                        {counted(data.length, 'code')} shown
                      </p>
                      <button
                        type="button"
                        class="button"
                        aria-disabled={model.codes.busy.value}
                        onClick={model.loadMore}
                      >
                        {model.codes.busy.value ? 'Loading…' : 'Load more'}
                      </button>
                    </div>
                  )}
                </>
              )
            }
          </Loading>
        </section>

        <section aria-labelledby="groups">
          <h2 id="groups">Groups</h2>
          <p class="lead">What a group leaves open is as the program says. A link goes before its partner’s group.</p>
          <Loading of={model.groups} shape={<Skeleton lines={3} tall />}>
            {(groups) =>
              groups.length === 0 ? (
                <Empty title="No groups yet">
                  <p>
                    <code>POST /v1/groups</code> makes one; a partner is put into it by{' '}
                    <code>PATCH /v1/partners/…</code>
                  </p>
                </Empty>
              ) : (
                <Table caption="Groups and their own settings" columns={GROUPS} rows={groups} id={({ id }) => id} />
              )
            }
          </Loading>
        </section>

        <section aria-labelledby="links">
          <h2 id="links">Links with settings of their own</h2>
          <Loading of={model.links} shape={<Skeleton lines={3} tall />}>
            {() =>
              model.special.value?.length ? (
                <Table
                  caption="Links and their own settings"
                  columns={LINKS}
                  rows={model.special.value}
                  id={({ id }) => id}
                />
              ) : (
                <Empty title="No link has any" />
              )
            }
          </Loading>
        </section>
      </Page>
    </>
  );
}

const isOver = ({ endsAt }: CodeAnswer): boolean => endsAt !== null && Date.parse(endsAt) <= Date.now();

const CODES: TableColumn<CodeAnswer>[] = [
  {
    key: 'code',
    name: 'Code',
    always: true,
    cell: ({ code }) => (
      <>
        <code class="strong">{code}</code>
        {isFamily(code) && <span class="tag">all that begin so</span>}
      </>
    ),
    small: (code) => (
      <>
        {code.partner ?? 'nobody’s'}
        {spanOf(code) && <> · {spanOf(code)}</>}
      </>
    ),
  },
  { key: 'partner', name: 'Owner', cell: ({ partner }) => partner ?? <span class="soft">nobody</span> },
  { key: 'policy', name: 'Who earns', always: true, cell: ({ policy }) => policyWords(policy).short },
  { key: 'span', name: 'When it counts', cell: (code) => spanOf(code) ?? <span class="soft">always</span> },
];

/** The policies that stand above, in words. */
const Meaning = ({ of: codes }: { of: readonly CodeAnswer[] }) => (
  <dl class="fine meaning">
    {[...new Set(codes.map((one) => one.policy))].map((policy) => (
      <div key={policy}>
        <dt>{policyWords(policy).short}</dt>{' '}
        <dd>
          (<code>{policy}</code>): {policyWords(policy).long}.
        </dd>
      </div>
    ))}
  </dl>
);

type Settings = Pick<GroupAnswer, 'windowDays' | 'model' | 'guardSeconds' | 'rejectSolo'>;
const asProgram = <span class="soft">as the program</span>;
const windowOf = ({ windowDays }: Settings) => (windowDays === null ? null : counted(windowDays, 'day'));
const modelOf = ({ model }: Settings) => (model === null ? null : reasonShort(model));
const guardOf = ({ guardSeconds }: Settings) =>
  guardSeconds === null ? null : guardSeconds === 0 ? 'off' : counted(guardSeconds, 'second');
const soloOf = ({ rejectSolo }: Settings) =>
  rejectSolo === null ? null : `an only click inside it is ${rejectSolo ? 'not ' : ''}paid`;
const guardSaid = (row: Settings) => [guardOf(row), soloOf(row)].filter(Boolean).join(', ') || null;

const settings = <Row extends Settings>(): TableColumn<Row>[] => [
  { key: 'window', name: 'Window', cell: (row) => windowOf(row) ?? asProgram },
  { key: 'model', name: 'Model', cell: (row) => modelOf(row) ?? asProgram },
  { key: 'guard', name: 'In-cart guard', cell: (row) => guardSaid(row) ?? asProgram },
];

/** The same on a narrow screen: only what is said. */
const inShort = (row: Settings): string =>
  [windowOf(row) && `window ${windowOf(row)}`, modelOf(row)?.toLowerCase(), guardSaid(row) && `guard ${guardSaid(row)}`]
    .filter(Boolean)
    .join(' · ') || 'all as the program';

const GROUPS: TableColumn<GroupAnswer>[] = [
  {
    key: 'name',
    name: 'Group',
    always: true,
    cell: ({ name, slug }) => (
      <>
        <span class="strong">{name}</span> <span class="slug">{slug}</span>
      </>
    ),
    small: inShort,
  },
  ...settings<GroupAnswer>(),
];

const LINKS: TableColumn<LinkAnswer>[] = [
  {
    key: 'link',
    name: 'Link',
    always: true,
    cell: ({ code, partner }) => (
      <>
        <code class="strong">{code}</code> <span class="slug">of {partner}</span>
      </>
    ),
    small: inShort,
  },
  ...settings<LinkAnswer>(),
];
