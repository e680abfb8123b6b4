/** Who takes part, as what; inviting, changing, removing, leaving. */
import { useModel, useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import type { MemberAnswer, Role } from '../api.ts';
import { type Here, useHere } from '../here.ts';
import { PartnersModel } from '../models/partners.ts';
import { rolesToGive, TeamModel } from '../models/team.ts';
import { Dialog } from '../ui/Dialog.tsx';
import { Empty } from '../ui/Empty.tsx';
import { Choice, Field, Select } from '../ui/Field.tsx';
import { Form } from '../ui/Form.tsx';
import { counted } from '../ui/format.ts';
import { Loading } from '../ui/Loading.tsx';
import { Page } from '../ui/Page.tsx';
import { Skeleton } from '../ui/Skeleton.tsx';
import { Sure } from '../ui/Sure.tsx';
import { Time } from '../ui/Time.tsx';
import { placeName, roleWords } from '../words-people.ts';

type Model = InstanceType<typeof TeamModel>;
type Session = Here['session'];
type Asking = { what: 'invite' } | { what: 'change' | 'remove'; member: MemberAnswer };
type Ask = (asking: Asking) => void;

/** More of them, and a field to find one is worth its room. */
const FEW = 8;

export default function Team() {
  const { api, session, account } = useHere();
  const { current, may } = session;
  const model = useModel(() => new TeamModel(api, { mine: current, may }));
  const asking = useSignal<Asking | null>(null);
  useEffect(() => {
    model.open();
  }, []);
  const ask: Ask = (next) => {
    asking.value = next;
  };
  const close = () => {
    asking.value = null;
  };
  const own = placeName(current);
  return (
    <Page
      title="Team"
      lead={current.partner ? `Who takes part for ${own}.` : `Who runs ${own}, and who takes part for its partners.`}
      aside={
        model.mayInvite() && (
          <button type="button" class="button main" onClick={() => ask({ what: 'invite' })}>
            Invite somebody
          </button>
        )
      }
    >
      <section aria-labelledby="own">
        <h2 id="own" class={current.partner ? 'unseen' : ''}>
          {own}
        </h2>
        <Loading of={model.own} shape={<Skeleton lines={5} tall />}>
          {(members) => <People of={members} model={model} session={session} ask={ask} />}
        </Loading>
      </section>
      {!current.partner && (
        <section aria-labelledby="partners">
          <h2 id="partners">At the partners</h2>
          <Loading of={model.partners} shape={<Skeleton lines={8} tall />}>
            {({ data }) => (
              <>
                {data.length > FEW && <Find model={model} />}
                {data.length === 0 ? (
                  <Empty title="Nobody at a partner can sign in yet">
                    <p>Invite a partner’s owner: they see their own orders and earnings, and bring in their team.</p>
                  </Empty>
                ) : (
                  <People of={model.found.value ?? []} model={model} session={session} ask={ask} />
                )}
                {model.more.value && (
                  <div class="list-foot">
                    <p class="soft">There are more people than are shown.</p>
                    <button
                      type="button"
                      class="button"
                      aria-disabled={model.partners.busy.value}
                      onClick={model.loadMore}
                    >
                      {model.partners.busy.value ? 'Loading…' : 'Load more'}
                    </button>
                  </div>
                )}
              </>
            )}
          </Loading>
        </section>
      )}
      {asking.value?.what === 'invite' && <Invite model={model} session={session} close={close} />}
      {asking.value?.what === 'change' && (
        <Change member={asking.value.member} model={model} session={session} close={close} ask={ask} />
      )}
      {asking.value?.what === 'remove' && (
        <Remove
          member={asking.value.member}
          model={model}
          session={session}
          close={close}
          left={() => account.refused('sign_in_required')}
        />
      )}
    </Page>
  );
}

const Find = ({ model }: { model: Model }) => (
  <div class="tools">
    <label>
      <span class="unseen">Find somebody</span>
      <input
        type="search"
        placeholder="Name, address or partner"
        value={model.search.value}
        onInput={({ currentTarget }) => {
          model.search.value = currentTarget.value;
        }}
      />
    </label>
    <p class="soft" aria-live="polite">
      {counted(model.found.value?.length ?? 0, 'person', 'people')}
    </p>
  </div>
);

function People({
  of: members,
  model,
  session,
  ask,
}: {
  of: readonly MemberAnswer[];
  model: Model;
  session: Session;
  ask: Ask;
}) {
  return (
    <ul class="lines">
      {members.map((member) => {
        const me = member.id === session.current.id;
        const role = roleWords(member.role, member.partner);
        return (
          <li key={member.id}>
            <div class="line-what">
              <span class="strong">
                {nameOf(member)}
                {me && <span class="tag">you</span>}
                {member.joinedAt === null && <span class="tag tag-warn">invited</span>}
              </span>
              <span class="small">
                {member.name && <>{member.email} · </>}
                {member.joinedAt ? (
                  <>
                    since <Time at={member.joinedAt} only="day" />
                  </>
                ) : (
                  <>
                    invited <Time at={member.invitedAt} only="day" />, not joined yet
                  </>
                )}
              </span>
            </div>
            <p class="line-role">
              {role.name}
              {member.partner && !session.current.partner && <span class="small"> of {member.partner}</span>}
            </p>
            <div class="line-ways">
              {model.mayChange(member) ? (
                <button type="button" class="button" onClick={() => ask({ what: 'change', member })}>
                  Change<span class="unseen"> {nameOf(member)}</span>
                </button>
              ) : (
                me && (
                  <button type="button" class="button" onClick={() => ask({ what: 'remove', member })}>
                    Leave
                  </button>
                )
              )}
            </div>
          </li>
        );
      })}
    </ul>
  );
}

const nameOf = ({ name, email }: MemberAnswer): string => name || email;

const roleOptions = (roles: readonly Role[], partner: string | null) =>
  roles.map((value) => {
    const { name, may } = roleWords(value, partner);
    return { value, name, more: may };
  });

function Invite({ model, session, close }: { model: Model; session: Session; close: () => void }) {
  const { current, may } = session;
  const email = useSignal('');
  const role = useSignal<Role | null>(null);
  const ours = rolesToGive({ partner: current.partner?.slug ?? null }, current, may);
  const theirs = current.partner ? [] : rolesToGive({ partner: '…' }, current, may);
  const side = useSignal<'ours' | 'theirs'>(ours.length > 0 ? 'ours' : 'theirs');
  const partner = useSignal('');
  const atPartner = current.partner !== null || side.value === 'theirs';
  const { inviting } = model;
  const fields = inviting.trouble.value?.fields;
  return (
    <Dialog title="Invite somebody" close={close}>
      <Form
        of={inviting}
        submit={async () => {
          const to = side.value === 'theirs' ? { partner: partner.value } : {};
          const given = { email: email.value.trim(), role: role.value ?? ('' as Role), ...to };
          if (await inviting.run(given)) close();
        }}
        action="Invite"
        busy="Inviting…"
        fields={['email', 'role', 'partner']}
        cancel={close}
      >
        <Field
          label="Their e-mail address"
          type="email"
          name="email"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          maxLength={254}
          value={email.value}
          onInput={({ currentTarget }) => {
            email.value = currentTarget.value;
          }}
          error={
            fields?.email &&
            (inviting.trouble.value?.code === 'taken'
              ? 'They are on this team, or invited, already.'
              : 'Write the whole address, such as name@shop.example.')
          }
          hint="They get a letter, sign in with this address, and join with one press."
        />
        {ours.length > 0 && theirs.length > 0 && (
          <Choice
            legend="Where"
            options={[
              { value: 'ours', name: placeName(current), more: 'On the program’s side.' },
              { value: 'theirs', name: 'At a partner', more: 'They see that partner’s own, and nothing else.' },
            ]}
            chosen={[side.value]}
            choose={(chosen) => {
              side.value = chosen;
              role.value = null;
            }}
          />
        )}
        {side.value === 'theirs' && <PartnerSelect chosen={partner} error={fields?.partner} />}
        <Choice
          legend="As what"
          options={roleOptions(side.value === 'theirs' ? theirs : ours, atPartner ? '…' : null)}
          chosen={role.value ? [role.value] : []}
          choose={(chosen) => {
            role.value = chosen;
          }}
          error={fields?.role && 'Choose what they may do.'}
        />
      </Form>
    </Dialog>
  );
}

function PartnerSelect({ chosen, error }: { chosen: { value: string }; error: string | undefined }) {
  const { api } = useHere();
  const { lines } = useModel(() => new PartnersModel(api));
  useEffect(() => {
    lines.load(1);
  }, []);
  const list = [...(lines.answer.value ?? [])].sort((a, b) => a.name.localeCompare(b.name));
  return (
    <Select
      label="Partner"
      name="partner"
      value={chosen.value}
      onChange={({ currentTarget }) => {
        chosen.value = currentTarget.value;
      }}
      error={error && 'Choose a partner.'}
    >
      <option value="">{lines.answer.value ? 'Choose one' : 'Loading…'}</option>
      {list.map(({ partner, name }) => (
        <option key={partner} value={partner}>
          {name} ({partner})
        </option>
      ))}
    </Select>
  );
}

function Change({
  member,
  model,
  session,
  close,
  ask,
}: {
  member: MemberAnswer;
  model: Model;
  session: Session;
  close: () => void;
  ask: Ask;
}) {
  const role = useSignal<Role>(member.role);
  const { changing } = model;
  const me = member.id === session.current.id;
  return (
    <Dialog title={me ? 'Your place' : nameOf(member)} close={close}>
      <Form
        of={changing}
        submit={async () => {
          if (role.value === member.role || (await changing.run({ id: member.id, role: role.value }))) close();
        }}
        action="Save"
        busy="Saving…"
        cancel={close}
      >
        <Choice
          legend={member.joinedAt ? 'What they may do' : 'What they may do when they join'}
          options={roleOptions(rolesToGive(member, session.current, session.may), member.partner)}
          chosen={[role.value]}
          choose={(chosen) => {
            role.value = chosen;
          }}
        />
        <p class="small">A change holds from their next press on, in every tab they have open.</p>
      </Form>
      <div class="dialog-more">
        <button type="button" class="link link-danger" onClick={() => ask({ what: 'remove', member })}>
          {me ? 'Leave…' : member.joinedAt ? 'Remove from the team…' : 'Take the invitation back…'}
        </button>
      </div>
    </Dialog>
  );
}

function Remove({
  member,
  model,
  session,
  close,
  left,
}: {
  member: MemberAnswer;
  model: Model;
  session: Session;
  close: () => void;
  left: () => void;
}) {
  const where = member.partner && !session.current.partner ? `${member.partner}’s team` : placeName(session.current);
  if (member.id === session.current.id) {
    return (
      <Sure title={`Leave ${where}?`} action="Leave" of={model.leaving} given={null} close={close} changed={left}>
        You are signed out everywhere at once and see nothing of it any more. To come back you must be invited again.
        {session.places.length > 1 && ' Your other places stay: sign in again to go there.'}
      </Sure>
    );
  }
  const said: ComponentChildren = member.joinedAt
    ? `${nameOf(member)} is signed out everywhere at once, also from tabs that are open, and sees nothing of ${where} any more. What they did stays in the audit log.`
    : `The invitation to ${member.email} is taken back: they can no longer join.`;
  return (
    <Sure
      title={member.joinedAt ? `Remove ${nameOf(member)}?` : 'Take the invitation back?'}
      action={member.joinedAt ? 'Remove' : 'Take it back'}
      of={model.removing}
      given={member}
      close={close}
    >
      {said}
    </Sure>
  );
}
