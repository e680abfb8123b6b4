/** Signed in, and looking from nowhere yet: what one is invited to, the places one has, or what it means to have none. */

import { NameForm } from '../account/AskName.tsx';
import { Cards } from '../account/Invitations.tsx';
import { useSelf } from '../here.ts';
import { Press } from '../ui/Form.tsx';
import { Page } from '../ui/Page.tsx';
import { placeName, roleWords } from '../words-people.ts';

export default function Start() {
  const { session, account } = useSelf();
  const { invitations, places, person } = session;
  const nothing = invitations.length === 0 && places.length === 0;
  return (
    <div class="narrow-page">
      <Page
        title="Welcome"
        heading={person.name ? `Hello, ${person.name.split(' ')[0]}` : 'Hello'}
        lead={
          nothing
            ? undefined
            : invitations.length > 0
              ? 'Somebody would like you to take part. Nothing is shared with them before you join.'
              : 'Choose where to look from.'
        }
      >
        {account.nameless.value && (
          <section class="card">
            <NameForm />
          </section>
        )}
        {invitations.length > 0 && <Cards />}
        {places.length > 0 && (
          <section>
            <h2>Your places</h2>
            <ul class="cards">
              {places.map((place) => (
                <li key={place.id} class="card">
                  <p>
                    <b>{placeName(place)}</b>
                    {place.partner && <> in {place.program.name}</>} as{' '}
                    {roleWords(place.role, place.partner).name.toLowerCase()}
                  </p>
                  <Press of={account.choosing} run={() => account.choosing.run(place.id)}>
                    Look from here
                  </Press>
                </li>
              ))}
            </ul>
          </section>
        )}
        {nothing && (
          <section class="card">
            <h2>No program has given you a place yet</h2>
            <p>
              You are signed in as <b class="whole">{person.email}</b>. Whoever runs a program, or a partner’s owner,
              invites people by their e-mail address: ask them to invite this one. The invitation then stands here.
            </p>
            <p>If you are here under another address, sign out and sign in with that.</p>
            <div class="form-foot">
              <Press of={account.leaving} run={() => account.leaving.run(null)}>
                Sign out
              </Press>
              <button type="button" class="button main" onClick={() => account.open()}>
                Look again
              </button>
            </div>
          </section>
        )}
      </Page>
    </div>
  );
}
