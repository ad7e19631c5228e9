// Why 112 did not take something: reason codes of `domain::verdict` and `document::admit`, grouped by what people do about them.
import type { StruckView } from '../generated/StruckView';
import type { Words } from './i18n/id';

export type Why =
  | 'closed'
  | 'archived'
  | 'center_only'
  | 'role'
  | 'unknown_field'
  | 'scope'
  | 'company'
  | 'waits'
  | 'quota'
  | 'too_long'
  | 'too_many'
  | 'copied'
  | 'damaged'
  | 'content'
  | 'update'
  | 'other';

const GROUPS: { [reason: string]: Why } = {
  incident_closed: 'closed',
  incident_archived: 'archived',
  center_only: 'center_only',
  role: 'role',
  does_not_belong: 'unknown_field',
  unknown_kind: 'unknown_field',
  out_of_scope: 'scope',
  missing_dependency: 'waits',
  quota: 'quota',
  hangs_on_refused: 'company',
  dependencies: 'company',
  parked_too_long: 'too_long',
  too_many_parked: 'too_many',
  fork: 'copied',
  sequence: 'copied',
  actor: 'copied',
  start_op: 'copied',
  second_beginning: 'copied',
  damaged: 'damaged',
  checksum: 'damaged',
  malformed: 'damaged',
  not_canonical: 'damaged',
  not_a_change: 'damaged',
  chunk_type: 'damaged',
  trial: 'damaged',
  time: 'damaged',
  apply: 'damaged',
  unwound: 'damaged',
  malformed_entry: 'content',
  value: 'content',
  entry_edited: 'content',
  entry_twice: 'content',
  too_large: 'content',
  schema: 'update',
  kind: 'update',
  lane: 'update',
  coding: 'update',
};

export function whyOf(reason: string): Why {
  return Object.hasOwn(GROUPS, reason) ? (GROUPS[reason] ?? 'other') : 'other';
}

/** Why, in words; a reason this page has no words for keeps its code, so that the center can be asked about it. */
export function whyText(reason: string, words: Words): string {
  const why = whyOf(reason);
  return why === 'other' && reason !== '' ? `${words.why.other} (${reason})` : words.why[why];
}

/** What to do about it. */
export function remedyText(reason: string, words: Words): string {
  return words.whyRemedy[whyOf(reason)];
}

/** Why an entry has no effect any more: the words of whoever withdrew it, or what the center did not let stand. */
export function goneText(gone: StruckView, words: Words): string {
  return gone.how === 'overruled' ? `${words.notTaken}: ${whyText(gone.reason, words)}` : gone.reason;
}
