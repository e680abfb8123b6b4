/** What somebody is invited to: nobody is in before they have pressed Join. */
import { useSelf } from '../here.ts';
import { Press, Wrong } from '../ui/Form.tsx';
import { placeName, roleWords } from '../words-people.ts';

/** Above the first page of somebody who has places. */
export default function Invitations() {
  return (
    <aside class="invitations" aria-label="Invitations">
      <Cards />
    </aside>
  );
}

export function Cards() {
  const { session, account } = useSelf();
  const { answering } = account;
  const trouble = answering.trouble.value;
  return (
    <>
      <ul class="cards">
        {session.invitations.map((place) => {
          const role = roleWords(place.role, place.partner);
          const answer = (accept: boolean) => () => answering.run({ id: place.id, accept });
          return (
            <li key={place.id} class="card card-invitation">
              <p class="invitation-who">
                <b>{placeName(place)}</b> invites you as <b>{role.name.toLowerCase()}</b>
              </p>
              <p class="small">
                {place.partner ? `A partner in the program ${place.program.name}. ` : ''}
                {role.may}
              </p>
              <div class="form-foot">
                <Press of={answering} run={answer(false)} quiet>
                  No, thank you
                </Press>
                <Press of={answering} run={answer(true)} class="button main" quiet>
                  Join
                </Press>
              </div>
            </li>
          );
        })}
      </ul>
      {trouble && <Wrong trouble={trouble} />}
    </>
  );
}
