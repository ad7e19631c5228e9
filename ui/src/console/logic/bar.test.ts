import { describe, expect, it } from 'vitest';
import type { AssignmentStep } from '../../generated/center/AssignmentStep';
import { barOf, STEPS } from './bar';

type Clocked = Parameters<typeof barOf>[0];

const MINUTE = 60_000;
const ORDERED = 1_700_000_000_000;

function order(reached: Partial<{ [step in AssignmentStep]: number }>, over: Partial<Clocked> = {}): Clocked {
  return {
    steps: STEPS.map((step) => ({ step, at_ms: reached[step] ?? null })),
    open: true,
    answered_at_ms: null,
    ordered_at_ms: ORDERED,
    due_at_ms: ORDERED + 3 * MINUTE,
    status: null,
    cancelled: null,
    ...over,
  };
}

describe('the bar of an assignment', () => {
  it('is calm while most of the time to answer is left', () => {
    const bar = barOf(order({ sent: ORDERED }), ORDERED + MINUTE);

    expect(bar.urgency).toBe('calm');
    expect(bar.leftMs).toBe(2 * MINUTE);
  });

  it('turns orange before the time is over', () => {
    const bar = barOf(order({ sent: ORDERED }), ORDERED + 2 * MINUTE);

    expect(bar.urgency).toBe('soon');
    expect(bar.spent).toBeCloseTo(2 / 3);
  });

  it('is overdue the moment the time is over, and says by how much', () => {
    const bar = barOf(order({ sent: ORDERED }), ORDERED + 4 * MINUTE);

    expect(bar.urgency).toBe('overdue');
    expect(bar.leftMs).toBe(-MINUTE);
    expect(bar.spent).toBe(1);
  });

  it('stops the clock when the unit answered, however late', () => {
    const answered = order({ accepted: ORDERED + 5 * MINUTE }, { answered_at_ms: ORDERED + 5 * MINUTE });

    expect(barOf(answered, ORDERED + 9 * MINUTE)).toMatchObject({ urgency: 'calm', leftMs: null, spent: null });
  });

  it('keeps the clock running when a human has only looked', () => {
    const seen = order({ seen: ORDERED + MINUTE }, { status: 'seen' });

    expect(barOf(seen, ORDERED + 4 * MINUTE).urgency).toBe('overdue');
  });

  it('has no clock once it was cancelled or finished', () => {
    expect(barOf(order({ sent: ORDERED }, { open: false }), ORDERED + 9 * MINUTE).urgency).toBe('over');
  });

  it('fills every step before the last one reached, and invents no time for it', () => {
    const bar = barOf(order({ sent: ORDERED, arrived: ORDERED + MINUTE }), ORDERED + MINUTE);

    expect(bar.steps.every((step) => step.reached)).toBe(true);
    expect(bar.steps.find((step) => step.step === 'enroute')?.atMs).toBeNull();
  });

  it('shows the steps in the order of the road', () => {
    expect(barOf(order({}), ORDERED).steps.map((step) => step.step)).toEqual([...STEPS]);
  });
});
