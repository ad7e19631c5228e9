// The bar of an assignment: how far an order got, and whether the unit is running out of time to answer.
//
// It turns orange before the time is over, while there is still something to do about it.

import type { AssignmentStep } from '../../generated/center/AssignmentStep';
import type { AssignmentView } from '../../generated/center/AssignmentView';

export const STEPS: readonly AssignmentStep[] = ['sent', 'on_phone', 'seen', 'accepted', 'enroute', 'arrived'];

/** The share of the time to answer after which the bar turns orange. */
const SOON = 2 / 3;

export type Urgency =
  /** Answered, or still plenty of time. */
  | 'calm'
  /** Not answered, most of the time gone. */
  | 'soon'
  /** Not answered in time. */
  | 'overdue'
  /** Cancelled, declined or finished: no clock runs. */
  | 'over';

export interface BarStep {
  step: AssignmentStep;
  /** Estimated center time; null when not reached, or reached by implication only. */
  atMs: number | null;
  /** Reached itself, or a later step was: who arrived has also set out. */
  reached: boolean;
}

export interface Bar {
  steps: BarStep[];
  urgency: Urgency;
  /** Milliseconds left to answer; negative when overdue; null when no clock runs. */
  leftMs: number | null;
  /** 0 to 1: how much of the time to answer is gone; null when no clock runs. */
  spent: number | null;
}

type Clocked = Pick<
  AssignmentView,
  'steps' | 'open' | 'answered_at_ms' | 'ordered_at_ms' | 'due_at_ms' | 'status' | 'cancelled'
>;

/** The bar as it stands at `nowMs`, center time. */
export function barOf(assignment: Clocked, nowMs: number): Bar {
  const times = new Map(assignment.steps.map((step) => [step.step, step.at_ms]));
  let later = false;
  const steps = [...STEPS].reverse().map((step) => {
    const atMs = times.get(step) ?? null;
    later = later || atMs !== null;
    return { step, atMs, reached: later };
  });
  steps.reverse();
  const waiting = assignment.open && assignment.cancelled === null && assignment.answered_at_ms === null;
  if (!waiting) {
    return { steps, urgency: assignment.open ? 'calm' : 'over', leftMs: null, spent: null };
  }
  const leftMs = assignment.due_at_ms - nowMs;
  const whole = Math.max(1, assignment.due_at_ms - assignment.ordered_at_ms);
  const spent = Math.min(1, Math.max(0, 1 - leftMs / whole));
  const urgency = leftMs < 0 ? 'overdue' : spent >= SOON ? 'soon' : 'calm';
  return { steps, urgency, leftMs, spent };
}
