import type { ApiCacheValue } from 'clacks/admin-api';
import { expect, it } from 'vitest';
import { CachedValue } from '../../src/views/cache/cached-value.ts';

const value: ApiCacheValue = {
  ...{ name: 'x', encoding: 'text', value: '1', bytes: 1, isTruncated: false, isCounter: false },
  ...{ writtenAtMs: 0, usedAtMs: 0 },
};

it('follows a value however long an answer takes', async () => {
  const answers: ((answer: ApiCacheValue) => void)[] = [];
  const cached = new CachedValue('x', () => new Promise((resolve) => void answers.push(resolve)));
  const first = cached.look();
  await cached.follow();
  expect(answers).toHaveLength(1);
  answers[0]?.(value);
  await first;
  expect(cached.state.value).toEqual({ kind: 'here', value });
  void cached.follow();
  expect(answers).toHaveLength(2);
});
