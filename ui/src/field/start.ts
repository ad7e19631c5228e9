// START for adults and JumpSTART for children, asked one question at a time. Steps and outcomes are those of
// `domain::triage`; the page only walks them, so that a crew sees why.
import type { TriageColor } from '../generated/TriageColor';
import type { TriageMethod } from '../generated/TriageMethod';

export type Question = 'walk' | 'breathing' | 'airway' | 'rate' | 'perfusion' | 'commands' | 'child_pulse' | 'rescue' | 'child_rate' | 'child_perfusion' | 'child_response';

export type Outcome = { ask: Question } | { color: TriageColor };

/** Who is being triaged, which decides the questions. */
export type Walk = Exclude<TriageMethod, 'judgement'>;

interface Answers {
  yes: Outcome;
  no: Outcome;
}

export const FIRST: Question = 'walk';

const ADULT: { [key in Question]?: Answers } = {
  walk: { yes: { color: 'green' }, no: { ask: 'breathing' } },
  breathing: { yes: { ask: 'rate' }, no: { ask: 'airway' } },
  airway: { yes: { color: 'red' }, no: { color: 'black' } },
  rate: { yes: { color: 'red' }, no: { ask: 'perfusion' } },
  perfusion: { yes: { ask: 'commands' }, no: { color: 'red' } },
  commands: { yes: { color: 'yellow' }, no: { color: 'red' } },
};

const CHILD: { [key in Question]?: Answers } = {
  walk: { yes: { color: 'green' }, no: { ask: 'breathing' } },
  breathing: { yes: { ask: 'child_rate' }, no: { ask: 'airway' } },
  airway: { yes: { color: 'red' }, no: { ask: 'child_pulse' } },
  child_pulse: { yes: { ask: 'rescue' }, no: { color: 'black' } },
  rescue: { yes: { color: 'red' }, no: { color: 'black' } },
  /** Slower than 15 or faster than 45. */
  child_rate: { yes: { color: 'red' }, no: { ask: 'child_perfusion' } },
  child_perfusion: { yes: { ask: 'child_response' }, no: { color: 'red' } },
  child_response: { yes: { color: 'yellow' }, no: { color: 'red' } },
};

/** What an answer leads to; a question that this walk does not ask starts it again. */
export function answer(walk: Walk, question: Question, yes: boolean): Outcome {
  const answers = (walk === 'start' ? ADULT : CHILD)[question];
  if (answers === undefined) return { ask: FIRST };
  return yes ? answers.yes : answers.no;
}
