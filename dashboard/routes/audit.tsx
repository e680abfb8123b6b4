/** Who did what to what, and when: found, opened, saved as a file, and proven to be as it was written. */
import { useModel, useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import type { AuditAnswer, AuditProof } from '../api.ts';
import { useHere } from '../here.ts';
import { AuditModel, EVERYTHING, type Wanted } from '../models/audit.ts';
import { Copy } from '../ui/Copy.tsx';
import { Empty } from '../ui/Empty.tsx';
import { Failed } from '../ui/Failed.tsx';
import { Field, Select } from '../ui/Field.tsx';
import { Press, Wrong } from '../ui/Form.tsx';
import { count, counted, fullMoment } from '../ui/format.ts';
import { Loading } from '../ui/Loading.tsx';
import { Page } from '../ui/Page.tsx';
import { Skeleton } from '../ui/Skeleton.tsx';
import { Time } from '../ui/Time.tsx';
import { ACTS, actorWords, actWords, countryName, fieldsOf } from '../words-people.ts';

type Model = InstanceType<typeof AuditModel>;

export default function Audit() {
  const { api, session } = useHere();
  const model = useModel(() => new AuditModel(api, { may: session.may, save }));
  useEffect(model.open, []);
  const { entries, pages } = model;
  const trouble = pages.trouble.value;
  const rows = entries.value;
  return (
    <Page
      title="Audit log"
      lead="Everything that changed something, and every sign-in: who did it, to what, when and from where. Nothing in it can be changed or taken out unseen."
    >
      <Proof of={model.proof} />
      <Filter model={model} />
      {rows && rows.length > 0 && (
        <ol class={pages.busy.value ? 'log stale' : 'log'} aria-busy={pages.busy.value}>
          {rows.map((entry) => (
            <Entry key={entry.id} of={entry} model={model} />
          ))}
        </ol>
      )}
      {rows?.length === 0 && (
        <Empty title={model.more.value ? 'Nothing of that kind so far back' : 'Nothing of that kind'}>
          {model.more.value ? (
            <button type="button" class="button" aria-disabled={pages.busy.value} onClick={model.loadMore}>
              {pages.busy.value ? 'Looking…' : 'Look further back'}
            </button>
          ) : (
            <p>Ask for somebody else, or for other days.</p>
          )}
        </Empty>
      )}
      {trouble && <Failed trouble={trouble} retry={pages.retry} />}
      {!rows && !trouble && <Skeleton lines={12} tall />}
      {rows && rows.length > 0 && (
        <div class="list-foot">
          <p class="soft" aria-live="polite">
            {counted(rows.length, 'entry', 'entries')} shown
          </p>
          {model.more.value && !trouble && (
            <button type="button" class="button" aria-disabled={pages.busy.value} onClick={model.loadMore}>
              {pages.busy.value ? 'Loading…' : 'Load more'}
            </button>
          )}
        </div>
      )}
    </Page>
  );
}

/** A download of the browser's own would look from another tab's place. */
function save(file: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

function Proof({ of: proof }: { of: Model['proof'] }) {
  return (
    <section class="proof" aria-label="Whether the log is as it was written">
      <Loading of={proof} shape={<Skeleton lines={2} />}>
        {(told) => (told.intact ? <Intact of={told} /> : <Broken of={told} />)}
      </Loading>
    </section>
  );
}

function Intact({ of: { sealed, open, head } }: { of: AuditProof }) {
  return (
    <>
      <p class="proof-said">
        {sealed === 0
          ? 'No entry is sealed yet.'
          : `All ${counted(sealed, 'entry', 'entries')} are as they were sealed.`}
      </p>
      <p class="small">
        {open > 0 && `${counted(open, 'newer entry is', 'newer entries are')} sealed within the minute. `}
        {head && 'Keep this seal somewhere else, and nobody can ever make the log anew without you seeing it:'}
      </p>
      {head && (
        <div class="proof-head" data-copied>
          <code>{head}</code>
          <Copy text={head} what="the seal" />
        </div>
      )}
    </>
  );
}

function Broken({ of: { altered, sealed } }: { of: AuditProof }) {
  return (
    <div class="notice" role="alert">
      <p class="notice-title">The log is not as it was sealed</p>
      <p>
        Of {counted(sealed, 'sealed entry', 'sealed entries')}, these do not fit. Somebody changed the database past
        this program: find out who can.
      </p>
      <ul>
        {altered.map(({ number, id, what }) => (
          <li key={`${number}${id}`}>
            {number === null ? 'An entry' : `Entry ${count(number)}`}{' '}
            {what === 'altered' ? 'was altered' : what === 'missing' ? 'is missing' : 'has lost its seal'}{' '}
            {id && <code class="small">{id}</code>}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Filter({ model }: { model: Model }) {
  const { wanted, saving } = model;
  const now = wanted.value;
  const narrowed = Object.values(now).some(Boolean);
  const take = (change: Partial<Wanted>) => model.narrow(change);
  const trouble = saving.trouble.value;
  const days = (name: 'from' | 'to', label: string) => (
    <Field
      label={label}
      type="date"
      name={name}
      value={now[name]}
      onChange={({ currentTarget }) => take({ [name]: currentTarget.value })}
    />
  );
  return (
    <section class="filter" aria-label="Find entries">
      <div class="filter-fields">
        <Select
          label="Who"
          name="actor"
          value={now.actor}
          onChange={({ currentTarget }) => take({ actor: currentTarget.value })}
        >
          <option value="">Everybody</option>
          <Choices model={model} />
        </Select>
        <Select
          label="What"
          name="act"
          value={now.act}
          onChange={({ currentTarget }) => take({ act: currentTarget.value })}
        >
          <option value="">Everything</option>
          {Object.entries(ACTS).map(([act, { name }]) => (
            <option key={act} value={act}>
              {name}
            </option>
          ))}
        </Select>
        {days('from', 'From')}
        {days('to', 'To')}
      </div>
      <div class="filter-ways">
        {now.subject && (
          <p class="small">
            Only of <b>{model.names.value.get(now.subject) ?? now.subject}</b>
          </p>
        )}
        {narrowed && (
          <button type="button" class="button" onClick={() => take(EVERYTHING)}>
            Show everything
          </button>
        )}
        <Press of={saving} run={() => saving.run('csv')} busy="Saving…" quiet>
          Save as CSV
        </Press>
        <Press of={saving} run={() => saving.run('ndjson')} busy="Saving…" quiet>
          Save as NDJSON
        </Press>
      </div>
      {trouble && <Wrong trouble={trouble} />}
    </section>
  );
}

function Choices({ model }: { model: Model }) {
  const people = new Map(model.people.value.map((one) => [one.personId, one.name || one.email]));
  return (
    <>
      {[...people].map(([id, name]) => (
        <option key={id} value={`person:${id}`}>
          {name}
        </option>
      ))}
      {model.keys.value.map(({ id, name }) => (
        <option key={id} value={`key:${id}`}>
          Key “{name}”
        </option>
      ))}
      <option value="system">Tributary itself</option>
    </>
  );
}

function Entry({ of: entry, model }: { of: AuditAnswer; model: Model }) {
  const open = useSignal(false);
  const names = model.names.value;
  const { subject, actor, partner, country, before, after, number } = entry;
  const from = [country && countryName(country), entry.address].filter(Boolean).join(', ');
  return (
    <li>
      <details
        onToggle={({ currentTarget }) => {
          open.value = currentTarget.open;
        }}
      >
        <summary>
          <span class="log-what">
            <b>{actorWords(entry, names)}</b> {actWords(entry, names)}
          </span>
          <span class="log-when small">
            <Time at={entry.at} />
            {from && ` · ${from}`}
          </span>
        </summary>
        {open.value && (
          <div class="log-more">
            <dl class="facts">
              <Fact name="When">{fullMoment(entry.at)}</Fact>
              <Fact name="Act">
                <code>{entry.act}</code>
              </Fact>
              <Fact name="To what">
                <code>{subject}</code>
              </Fact>
              {partner && <Fact name="For the partner">{partner}</Fact>}
              {from && <Fact name="From">{from}</Fact>}
              <Fact name="Sealed">{number === null ? 'within the minute' : `as number ${count(number)}`}</Fact>
            </dl>
            <Changed before={before} after={after} />
            <div class="filter-ways">
              {actor.id && (
                <button
                  type="button"
                  class="button"
                  onClick={() => model.narrow({ ...EVERYTHING, actor: `${actor.kind}:${actor.id}` })}
                >
                  Only by {actorWords(entry, names)}
                </button>
              )}
              <button type="button" class="button" onClick={() => model.narrow({ ...EVERYTHING, subject })}>
                Only to the same
              </button>
            </div>
          </div>
        )}
      </details>
    </li>
  );
}

const Fact = ({ name, children }: { name: string; children: ComponentChildren }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

/** Field by field, what it was and what it became. */
function Changed({ before, after }: { before: unknown; after: unknown }) {
  const [was, is] = [fieldsOf(before), fieldsOf(after)];
  const names = [...new Set([...Object.keys(was), ...Object.keys(is)])];
  if (names.length === 0) return null;
  return (
    <table class="changed">
      <caption class="unseen">What changed</caption>
      <thead>
        <tr>
          <th scope="col">Field</th>
          <th scope="col">Before</th>
          <th scope="col">After</th>
        </tr>
      </thead>
      <tbody>
        {names.map((name) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{valueText(was[name])}</td>
            <td>{valueText(is[name])}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function valueText(value: unknown) {
  if (value === undefined || value === null) return <span class="soft">–</span>;
  return typeof value === 'string' ? value : <code>{JSON.stringify(value)}</code>;
}
