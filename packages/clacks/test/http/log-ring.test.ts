import { describe, expect, it } from 'vitest';
import { LogRing } from '../../src/http/log-ring.ts';

describe('the log that is kept for the page', () => {
  it('takes whatever somebody has thrown', () => {
    const ring = new LogRing();
    const circular: Record<string, unknown> = {};
    circular['itself'] = circular;
    ring.add('error', 'login failed', { err: circular });
    ring.add('error', 'login failed', { err: 10n });
    const [first, second] = ring.after(0);
    expect(first?.details).toContain('[Circular');
    expect(second?.details).toContain('10n');
  });
});
