// The console's one door to the center: every request leaves through here, every failure comes back as a code
// the page has words for. Nothing is kept in this file but the token against forged requests.

import type { Priority } from '../generated/Priority';
import type { Village } from '../generated/Village';
import type { Alert } from '../generated/center/Alert';
import type { ApiError } from '../generated/center/ApiError';
import type { ArchiveView } from '../generated/center/ArchiveView';
import type { AssignmentView } from '../generated/center/AssignmentView';
import type { Choices } from '../generated/center/Choices';
import type { CloseIncident } from '../generated/center/CloseIncident';
import type { DeviceView } from '../generated/center/DeviceView';
import type { EndSos } from '../generated/center/EndSos';
import type { ErrorCode } from '../generated/center/ErrorCode';
import type { Health } from '../generated/center/Health';
import type { IncidentDetail } from '../generated/center/IncidentDetail';
import type { IncidentSummary } from '../generated/center/IncidentSummary';
import type { NewAssignment } from '../generated/center/NewAssignment';
import type { NewIncident } from '../generated/center/NewIncident';
import type { PackView } from '../generated/center/PackView';
import type { PointView } from '../generated/center/PointView';
import type { PostView } from '../generated/center/PostView';
import type { ResolveDispute } from '../generated/center/ResolveDispute';
import type { Session } from '../generated/center/Session';
import type { SosView } from '../generated/center/SosView';
import type { UnitView } from '../generated/center/UnitView';
import type { UnplacedView } from '../generated/center/UnplacedView';
import type { VerdictView } from '../generated/center/VerdictView';
import { CALL, deskName, keyOf, settle } from './once';

/** What went wrong: one of the center's codes, or that the center did not answer at all. */
export type TroubleCode = ErrorCode | 'unreachable';

export class Trouble extends Error {
  readonly code: TroubleCode;
  /** The argument that is wrong, where one is. */
  readonly argument: string | null;
  /** What stands instead of what was asked for. */
  readonly standing: Readonly<Record<string, unknown>>;

  constructor(code: TroubleCode, argument: string | null = null, standing: Readonly<Record<string, unknown>> = {}) {
    super(code);
    this.code = code;
    this.argument = argument;
    this.standing = standing;
  }
}

/** No request waits longer: a screen without an answer says so. */
const PATIENCE_MS = 15_000;

let csrf = '';

async function ask<T>(method: string, path: string, body?: unknown, key?: string): Promise<T> {
  const headers = new Headers({ Accept: 'application/json' });
  if (method !== 'GET') headers.set('X-Siaga-CSRF', csrf);
  if (key !== undefined) headers.set('Idempotency-Key', key);
  if (body !== undefined) headers.set('Content-Type', 'application/json');
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE_MS);
  let answer: Response;
  let text: string;
  try {
    answer = await fetch(path, {
      method,
      headers,
      credentials: 'same-origin',
      signal: patience.signal,
      body: body === undefined ? null : JSON.stringify(body),
    });
    text = await answer.text();
  } catch {
    throw new Trouble('unreachable');
  } finally {
    clearTimeout(timer);
  }
  let parsed: unknown;
  try {
    parsed = text === '' ? null : JSON.parse(text);
  } catch {
    // Something answered that is not the center: a proxy's page, or half an answer.
    throw new Trouble('unreachable');
  }
  if (!answer.ok) {
    if (isApiError(parsed)) throw new Trouble(parsed.code, parsed.argument ?? null, parsed.standing ?? {});
    throw new Trouble(answer.status === 401 ? 'not_signed_in' : answer.status >= 500 ? 'unreachable' : 'internal');
  }
  // The types are generated from the center's own; its contract tests hold it to them.
  return parsed as T;
}

function isApiError(value: unknown): value is ApiError {
  return typeof value === 'object' && value !== null && 'code' in value && 'detail' in value;
}

/** Does something once: pressed again after an answer that got lost, it is the same deed, also after a reload. */
async function once<T>(path: string, body: unknown, deed = `${path} ${JSON.stringify(body)}`): Promise<T> {
  const key = keyOf(deed);
  try {
    const answer = await ask<T>('POST', path, body, key);
    settle(deed);
    return answer;
  } catch (cause) {
    const unknown = cause instanceof Trouble && (cause.code === 'unreachable' || cause.code === 'internal');
    if (!unknown) settle(deed);
    throw cause;
  }
}

const one = (id: string): string => encodeURIComponent(id);

export async function session(): Promise<Session> {
  const now = await ask<Session>('GET', '/api/session');
  csrf = now.csrf;
  return now;
}

/** `renewed` replaces the password on the way: a one-time password signs in only together with it. */
export async function signIn(user: string, password: string, renewed: string | null): Promise<Session> {
  const now = await ask<Session>('POST', '/api/session', { user, password, ...(renewed === null ? {} : { new_password: renewed }) });
  csrf = now.csrf;
  return now;
}

export const signOut = (): Promise<unknown> => ask('DELETE', '/api/session');
export const health = (): Promise<Health> => ask('GET', '/health');
export const choices = (): Promise<Choices> => ask('GET', '/api/choices');
export const boundaries = (): Promise<unknown> => ask('GET', '/api/boundaries');
export const incidents = (): Promise<IncidentSummary[]> => ask('GET', '/api/incidents?state=all');
export const incident = (id: string): Promise<IncidentDetail> => ask('GET', `/api/incidents/${one(id)}`);
/** Its archives, each file read back and compared. */
export const archives = (id: string): Promise<ArchiveView[]> => ask('GET', `/api/incidents/${one(id)}/archives`);
export const units = (): Promise<UnitView[]> => ask('GET', '/api/units');
export const devices = (): Promise<DeviceView[]> => ask('GET', '/api/devices');
export const verdicts = (): Promise<VerdictView[]> => ask('GET', '/api/verdicts');
/** Records that wait to be placed, at most 200 of a phone. */
export const unplaced = (): Promise<UnplacedView[]> => ask('GET', '/api/unplaced');
/** Map packs with the phones they are for. */
export const packs = (): Promise<PackView[]> => ask('GET', '/api/packs');
/** Where the bytes of a change that was not taken are downloaded from. */
export const verdictBytes = (change: string): string => `/api/verdicts/${one(change)}/bytes`;
export const posts = (): Promise<PostView[]> => ask('GET', '/api/posts');
export const sos = (): Promise<SosView[]> => ask('GET', '/api/sos');
export const alerts = (): Promise<Alert[]> => ask('GET', '/api/alerts');
export const villages = (query: string): Promise<Village[]> => ask('GET', `/api/places?query=${one(query)}`);
/** Coordinates as typed or pasted, read and judged by the center. */
export const point = (text: string): Promise<PointView> => ask('GET', `/api/point?text=${one(text)}`);
export const attachment = (sha256: string): string => `/api/attachments/${one(sha256)}`;

/** A call is one deed from its first word to its answer, whatever is corrected between two presses. */
export const open = (call: NewIncident): Promise<IncidentDetail> => once('/api/incidents', call, CALL);
export const close = (id: string, why: CloseIncident): Promise<unknown> => once(`/api/incidents/${one(id)}/close`, why);
/** `seen`: the priority this desk decided on; another one that stands by now is not overwritten. */
export const setPriority = (id: string, priority: Priority, seen: Priority | null): Promise<unknown> =>
  once(`/api/incidents/${one(id)}/priority`, { priority, expected: seen ?? 'none' });
export const note = (id: string, text: string): Promise<unknown> => once(`/api/incidents/${one(id)}/notes`, { text });
export const resolve = (id: string, choice: ResolveDispute): Promise<unknown> =>
  once(`/api/incidents/${one(id)}/resolve`, choice);
export const assign = (order: NewAssignment): Promise<AssignmentView> => once('/api/assignments', order);
export const cancel = (id: string, reason: string): Promise<unknown> =>
  once(`/api/assignments/${one(id)}/cancel`, { reason });
/** Takes calls that no unit was sent to: they fall silent at every desk. */
export const take = (incidents: readonly string[]): Promise<unknown> =>
  once('/api/taken', { incidents, desk: deskName() });
export const answerSos = (id: string, text: string): Promise<unknown> => once(`/api/sos/${one(id)}/answer`, { text });
/** The responder is safe: who says so, and how that was learned. */
export const endSos = (id: string, end: EndSos): Promise<unknown> => once(`/api/sos/${one(id)}/safe`, end);
/** The incident of a call for help, made where there is none. */
export const sosIncident = (id: string, narrative: string): Promise<IncidentDetail> =>
  once(`/api/sos/${one(id)}/incident`, { narrative });
export const confirmDevice = (id: string): Promise<unknown> => ask('POST', `/api/devices/${one(id)}/confirm`);
export const place = (record: string): Promise<unknown> => ask('POST', `/api/unplaced/${one(record)}/place`);
/** Lets everything of a phone in that waits for its quota. */
export const releaseDevice = (id: string): Promise<unknown> => ask('POST', `/api/devices/${one(id)}/release`);
export const revokeDevice = (id: string): Promise<unknown> => ask('POST', `/api/devices/${one(id)}/revoke`);
