/** Goal: who tries doors that are not theirs is seen by whoever watches the logs, and nothing personal or secret is. */
import { afterEach, expect, test, vi } from 'vitest';
import { ANNA, createWorld, PROGRAM, SECRET } from '../support/world.ts';

const noted = vi.spyOn(console, 'info');
afterEach(() => noted.mockRestore());

test('who was refused an act is noted, by id and act alone; who may, or is nobody, is not', async () => {
  noted.mockImplementation(() => undefined);
  const world = await createWorld();
  const anna = await world.signIn({ personId: 'anna' as never, programId: PROGRAM, partnerId: ANNA });
  expect((await world.fetch('/v1/partners', { headers: anna })).status).toBe(404);
  expect((await world.fetch('/v1/links', { headers: anna })).status).toBe(200);
  expect((await world.fetch('/v1/partners')).status).toBe(401);
  await world.rows(`UPDATE keys SET scopes = '["read"]' WHERE name = ?`, SECRET);
  expect((await world.call('POST', '/v1/groups', { slug: 'gold', name: 'Gold' })).status).toBe(403);
  const [key] = await world.rows<{ id: string }>('SELECT id FROM keys WHERE name = ?', SECRET);
  expect(noted.mock.calls.map(([said]) => JSON.parse(String(said)))).toEqual([
    { event: 'access.refused', act: 'partners.read', why: 'not_found', actor: 'person:anna' },
    { event: 'access.refused', act: 'groups.write', why: 'missing_scope', actor: `key:${key?.id}` },
  ]);
});
