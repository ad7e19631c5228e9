// What a task says when it leaves the phone for whoever its crew chooses: where to go and for what. Never who called, who
// is hurt, or what somebody typed about them.
import type { TaskBrief } from '../generated/TaskBrief';
import { coordinates } from '../lib/format';
import type { FieldWords } from '../lib/i18n/field.id';
import type { Words } from '../lib/i18n/id';

export function taskText(task: TaskBrief, words: Words, text: FieldWords): string {
  const { village, landmark, position } = task.whereabouts;
  const point = position === null ? null : coordinates(position);
  return [
    task.category === null ? text.tasks.unknownKind : words.category[task.category],
    ...(landmark === null || landmark === '' ? [] : [landmark]),
    ...(village === null ? [] : [`${village.name}, ${village.district}`]),
    ...(point === null ? [] : [point, `https://maps.google.com/?q=${point.replace(' ', '')}`]),
    ...(landmark === null && village === null && point === null ? [text.tasks.noPlace] : []),
    `${text.share.incident}: ${task.incident}`,
  ].join('\n');
}
