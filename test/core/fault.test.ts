/** Faults in the log: the statement that failed, and nothing that it was given. */

import { inspect } from 'node:util';
import { DrizzleQueryError } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { tellable } from '../../edge/core/fault.ts';

test('a failed query is told without its values', () => {
  const cause = new Error('D1_ERROR: the database is away');
  const told = inspect(tellable(new DrizzleQueryError('select * from people where email = ?', ['ada@x.test'], cause)));
  expect(told).toContain('select * from people');
  expect(told).toContain('the database is away');
  expect(told).not.toContain('ada@x.test');
});

test('every other fault is told as it is', () => {
  for (const fault of [new Error('other'), 'text', null, undefined]) expect(tellable(fault)).toBe(fault);
});
