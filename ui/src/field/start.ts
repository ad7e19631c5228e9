// START for adults and JumpSTART for children, asked one question at a time. The page walks the tables of
// `domain::triage`, so that a crew sees why.
import { JUMPSTART, START } from '../generated/clinical';
import type { TriageMethod } from '../generated/TriageMethod';
import type { TriageOutcome } from '../generated/TriageOutcome';
import type { TriageQuestion } from '../generated/TriageQuestion';

/** Who is being triaged, which decides the questions. */
export type Walk = Exclude<TriageMethod, 'judgement'>;

export const FIRST: TriageQuestion = 'walk';

/** What an answer leads to; a question that this walk does not ask starts it again. */
export function answer(walk: Walk, question: TriageQuestion, yes: boolean): TriageOutcome {
  const step = (walk === 'start' ? START : JUMPSTART).find((one) => one.ask === question);
  if (step === undefined) return { ask: FIRST };
  return yes ? step.yes : step.no;
}
