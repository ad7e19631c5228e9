// A rapid assessment as the text that Pusdalops takes: the heads in their order, a dash under one of which nothing is
// recorded. It is for others to read, so nothing that somebody typed about a person is in it: no note, no narrative.
import type { AssessmentScreen } from '../generated/AssessmentScreen';
import type { Metric } from '../generated/Metric';
import type { ObservedView } from '../generated/ObservedView';
import type { Status } from '../generated/Status';
import type { Task } from '../generated/Task';
import { coordinates, momentWib, number } from '../lib/format';
import { fieldEn } from '../lib/i18n/field.en';
import { fieldId } from '../lib/i18n/field.id';
import { id as words } from '../lib/i18n/id';
import { HEADS, pusdalops as own } from '../lib/i18n/pusdalops';

/** What receives this reads Bahasa Indonesia, whatever the page speaks. */
const LOCALE = 'id-ID';
/** Heads are filled up to this width and what follows stands below itself, as in the texts that come by telephone. */
const HEAD_WIDTH = 13;

const LOSSES: readonly Metric[] = [
  'houses_swept_away',
  'houses_heavy',
  'houses_moderate',
  'houses_light',
  'houses_submerged',
  'schools_damaged',
  'health_facilities_damaged',
  'worship_damaged',
  'bridges_damaged',
  'rice_field_ha',
];
const VULNERABLE: readonly Metric[] = ['under_five', 'elderly', 'pregnant', 'disability'];
/** Beside these a unit has done something. */
const NO_EFFORT: readonly Status[] = ['seen', 'declined'];

/** `center` is the name of the center, for the source. `task` is that of the incident, where this phone has one. */
export function pusdalopsText(screen: AssessmentScreen, task: Task | null, center: string): string {
  const { assessment, brief } = screen;
  const heads: [string, string[]][] = [
    [HEADS.event, task?.brief.category ? [words.category[task.brief.category].toLocaleUpperCase(LOCALE)] : []],
    [HEADS.place, placeOf(screen, task)],
    [HEADS.time, bullets([task?.incident ? own.reported(at(task.incident.opened.at_ms)) : '', own.assessed(at(brief.at_ms))])],
    [HEADS.cause, []],
    [HEADS.victims, bullets(victimsOf(assessment.numbers))],
    [HEADS.losses, bullets(lossesOf(assessment.numbers))],
    [HEADS.efforts, bullets(effortsOf(task))],
    [HEADS.standing, []],
    [HEADS.condition, bullets(assessment.numbers.length === 0 ? [] : [own.asOf(at(Math.max(...assessment.numbers.map((one) => one.count.author.at_ms))))])],
    [HEADS.needs, bullets(assessment.needs.map((need) => needOf(need.text, need.quantity, need.unit)))],
    [HEADS.source, bullets([own.by(brief.by, center), sourcesOf(assessment.numbers)])],
  ];
  return heads.map(([head, lines]) => under(head, lines.length === 0 ? [own.nothing] : lines)).join('\n');
}

function under(head: string, lines: string[]): string {
  return `${head.padEnd(HEAD_WIDTH)} : ${lines.join(`\n${' '.repeat(HEAD_WIDTH + 3)}`)}`;
}

function bullets(lines: string[]): string[] {
  return lines.filter((line) => line !== '').map((line) => `• ${line}`);
}

function at(ms: number): string {
  return momentWib(ms, words, LOCALE);
}

/** The village of the assessment; what is nearer only when the incident is in the same one. */
function placeOf(screen: AssessmentScreen, task: Task | null): string[] {
  const village = screen.brief.village;
  const where = task?.brief.whereabouts ?? null;
  const here = where !== null && (village === null || where.village === null || where.village.code === village.code) ? where : null;
  const known = village ?? here?.village ?? null;
  return [
    ...(known === null ? [] : [own.district(known.district), own.village(known.name, known.code)]),
    ...(here?.landmark ? [here.landmark] : []),
    ...(here?.position ? [coordinates(here.position)] : []),
  ];
}

function found(numbers: ObservedView[], metric: Metric): ObservedView | undefined {
  return numbers.find((one) => one.metric === metric);
}

/** `197 jiwa`, and who wrote something else. */
function amount(one: ObservedView, unit = words.metricUnit[one.metric]): string {
  const said = [number(one.count.value, LOCALE), unit].filter((part) => part !== '').join(' ');
  const others = [...new Set(one.count.disputed_by.map((claim) => number(claim.value, LOCALE)))];
  return others.length === 0 ? said : `${said} (${own.otherwise(others.join(', '))})`;
}

/** `4 jiwa meninggal dunia (dicek)`. */
function counted(one: ObservedView | undefined, unit?: string): string {
  return one === undefined ? '' : `${amount(one, unit)} ${own.counted[one.metric]} (${words.quality[one.quality]})`;
}

/** Households and persons stand together, also when only one of the two was counted. */
function pair(numbers: ObservedView[], households: Metric, persons: Metric): string {
  const [kk, jiwa] = [found(numbers, households), found(numbers, persons)];
  const sides = [kk, jiwa].filter((side) => side !== undefined);
  if (sides.length === 0) return '';
  const one = (side: ObservedView | undefined, unit: string): string => (side === undefined ? `${own.nothing} ${unit}` : amount(side));
  const [first, ...other] = new Set(sides.map((side) => words.quality[side.quality]));
  const quality = other.length === 0 ? first : sides.map((side) => `${words.metricUnit[side.metric]} ${words.quality[side.quality]}`).join(', ');
  return `${one(kk, own.households)} / ${one(jiwa, own.persons)} ${own.counted[persons]} (${quality})`;
}

function victimsOf(numbers: ObservedView[]): string[] {
  const groups = VULNERABLE.map((metric) => counted(found(numbers, metric), '')).filter((group) => group !== '');
  return [
    ...(['dead', 'missing', 'injured_serious', 'injured'] as const).map((metric) => counted(found(numbers, metric))),
    pair(numbers, 'displaced_kk', 'displaced'),
    groups.length === 0 ? '' : own.among(groups.join(', ')),
    pair(numbers, 'affected_kk', 'affected'),
  ];
}

function lossesOf(numbers: ObservedView[]): string[] {
  const water = found(numbers, 'water_cm');
  return [
    ...LOSSES.map((metric) => counted(found(numbers, metric))),
    water === undefined ? '' : `${own.water(amount(water))} (${words.quality[water.quality]})`,
  ];
}

function effortsOf(task: Task | null): string[] {
  if (task === null) return [];
  const { unit, status, status_at_ms } = task.brief;
  return [{ unit, status, at_ms: status_at_ms }, ...task.other_units].map((one) =>
    one.status === null || NO_EFFORT.includes(one.status) ? '' : `${one.unit}: ${words.status[one.status]}${one.at_ms === null ? '' : `, ${at(one.at_ms)}`}`,
  );
}

/** What was chosen from the list on a page in English is the same thing here. */
function inBahasa(said: string, english: readonly string[], bahasa: readonly string[]): string | null {
  return bahasa.includes(said) ? said : (bahasa[english.indexOf(said)] ?? null);
}

function needOf(text: string, quantity: number | null, unit: string | null): string {
  const what = inBahasa(text, fieldEn.assess.needsList, fieldId.assess.needsList) ?? text;
  const many = quantity === null ? null : number(quantity, LOCALE);
  return [what, many, many === null ? null : unit].filter((part) => part !== null && part !== '').join(' ');
}

/** Only who is on the list: another source may be the name of a person. */
function sourcesOf(numbers: ObservedView[]): string {
  const [english, bahasa] = [Object.values(fieldEn.assess.sources), Object.values(fieldId.assess.sources)];
  const known = numbers.map((one) => (one.source === null ? null : inBahasa(one.source, english, bahasa)));
  const told = [...new Set(known.filter((source) => source !== null))];
  return told.length === 0 ? '' : own.toldBy(told.join(', '));
}
