import { describe, expect, it } from 'vitest';
import { BufferBudget } from '../../src/net/buffer-budget.ts';

const newReader = () => {
  const reader = {
    resumed: 0,
    resumeReading: () => {
      reader.resumed++;
    },
  };
  return reader;
};

describe('who waits for room', () => {
  it('goes on when others have taken enough', () => {
    const budget = new BufferBudget({ maxBuffered: 100 });
    const reader = newReader();
    budget.add(150);
    budget.wait(reader);
    budget.add(-40);
    expect(reader.resumed).toBe(0);
    budget.add(-20);
    expect(reader.resumed).toBe(1);
    expect(budget.isExceeded).toBe(false);
  });

  it('goes on in the end, whether a link or too many bytes held it up, or first one and then the other', () => {
    const budget = new BufferBudget({ maxBuffered: 100 });
    const reader = newReader();
    budget.addCrowded(1);
    budget.wait(reader);
    budget.add(10);
    budget.add(-5);
    budget.add(200);
    budget.addCrowded(-1);
    expect(reader.resumed).toBe(0);
    budget.add(-150);
    expect(reader.resumed).toBe(1);
  });

  it('goes on when more is allowed', () => {
    const limits = { maxBuffered: 100 };
    const budget = new BufferBudget(limits);
    const reader = newReader();
    budget.add(150);
    budget.wait(reader);
    limits.maxBuffered = 200;
    budget.limitChanged();
    expect(reader.resumed).toBe(1);
  });

  it('is forgotten when it is gone', () => {
    const budget = new BufferBudget({ maxBuffered: 100 });
    const reader = newReader();
    budget.add(150);
    budget.wait(reader);
    budget.forget(reader);
    budget.add(-150);
    expect(reader.resumed).toBe(0);
  });
});
