// The one file that knows how the page reaches its engine: Tauri commands in the app, HTTP on loopback in a
// browser. Requests and answers are the generated types of `siaga-field`; nothing is invented in between.
import { convertFileSrc, invoke, isTauri } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';
import type { Accept } from '../generated/Accept';
import type { AddNote } from '../generated/AddNote';
import type { AddPatient } from '../generated/AddPatient';
import type { Assess } from '../generated/Assess';
import type { AssessmentScreen } from '../generated/AssessmentScreen';
import type { ById } from '../generated/ById';
import type { CancelSos } from '../generated/CancelSos';
import type { Choices } from '../generated/Choices';
import type { Decline } from '../generated/Decline';
import type { DescribePatient } from '../generated/DescribePatient';
import type { Digest } from '../generated/Digest';
import type { DisputeItem } from '../generated/DisputeItem';
import type { Draft } from '../generated/Draft';
import type { DraftOf } from '../generated/DraftOf';
import type { DutyOff } from '../generated/DutyOff';
import type { DutyOn } from '../generated/DutyOn';
import type { DutyScreen } from '../generated/DutyScreen';
import type { Enrol } from '../generated/Enrol';
import type { EnrolCode } from '../generated/EnrolCode';
import type { Enrolled } from '../generated/Enrolled';
import type { Failure } from '../generated/Failure';
import type { HandOver } from '../generated/HandOver';
import type { Home } from '../generated/Home';
import type { Identify } from '../generated/Identify';
import type { KeepPhoto } from '../generated/KeepPhoto';
import type { MapScreen } from '../generated/MapScreen';
import type { NetworkIs } from '../generated/NetworkIs';
import type { Outbox } from '../generated/Outbox';
import type { Pack } from '../generated/Pack';
import type { PatientAdded } from '../generated/PatientAdded';
import type { PatientScreen } from '../generated/PatientScreen';
import type { Photo } from '../generated/Photo';
import type { Press } from '../generated/Press';
import type { RaiseSos } from '../generated/RaiseSos';
import type { FileState } from '../generated/FileState';
import type { FixTaken } from '../generated/FixTaken';
import type { RecordFix } from '../generated/RecordFix';
import type { RecordView } from '../generated/RecordView';
import type { RecordVitals } from '../generated/RecordVitals';
import type { Report } from '../generated/Report';
import type { Resolve } from '../generated/Resolve';
import type { SaveDraft } from '../generated/SaveDraft';
import type { SearchVillages } from '../generated/SearchVillages';
import type { SelfTest } from '../generated/SelfTest';
import type { SetPreferences } from '../generated/SetPreferences';
import type { StrikeEntry } from '../generated/StrikeEntry';
import type { SyncReport } from '../generated/SyncReport';
import type { Task } from '../generated/Task';
import type { TaskBrief } from '../generated/TaskBrief';
import type { Trail } from '../generated/Trail';
import type { Treat } from '../generated/Treat';
import type { Triage } from '../generated/Triage';
import type { Village } from '../generated/Village';
import type { WantFile } from '../generated/WantFile';
import type { Written } from '../generated/Written';

/** A request or an answer with nothing in it. */
export type Nothing = { [key in string]: never };

/** Every command: what is asked, what comes back. */
export interface Commands {
  home: [Nothing, Home];
  tasks: [Nothing, TaskBrief[]];
  task: [ById, Task];
  mark_seen: [ById, Written];
  accept: [Accept, Written];
  decline: [Decline, Written];
  press: [Press, Written];
  report: [Report, Written];
  add_patient: [AddPatient, PatientAdded];
  describe_patient: [DescribePatient, Written];
  patient: [ById, PatientScreen];
  identify: [Identify, Written];
  triage: [Triage, Written];
  vitals: [RecordVitals, Written];
  treat: [Treat, Written];
  handover: [HandOver, Written];
  note: [AddNote, Written];
  strike: [StrikeEntry, Written];
  assess: [Assess, Written];
  assessment: [ById, AssessmentScreen];
  duty: [Nothing, DutyScreen];
  duty_on: [DutyOn, Written];
  duty_off: [DutyOff, Written];
  sos: [RaiseSos, Written];
  sos_cancel: [CancelSos, Written];
  fix: [RecordFix, FixTaken];
  trail: [Nothing, Trail];
  self_test: [Nothing, SelfTest];
  outbox: [Nothing, Outbox];
  disputes: [Nothing, DisputeItem[]];
  resolve: [Resolve, Written];
  get: [ById, RecordView];
  digest: [Nothing, Digest];
  map: [Nothing, MapScreen];
  choices: [Nothing, Choices];
  search_villages: [SearchVillages, Village[]];
  save_draft: [SaveDraft, Nothing];
  keep_photo: [KeepPhoto, Photo];
  acknowledge_cancellation: [ById, Written];
  draft: [DraftOf, Draft];
  set_preferences: [SetPreferences, Nothing];
  enrol_code: [Enrol, EnrolCode];
  moved_seen: [Nothing, Nothing];
  network_up: [Nothing, Nothing];
  network_is: [NetworkIs, Nothing];
  want_file: [WantFile, FileState];
  packs: [Nothing, Pack[]];
  enrol: [Enrol, Enrolled];
  sync: [Nothing, SyncReport];
}

export type Command = keyof Commands;

/** A command that did not happen. */
export class CommandFailed extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.code);
    this.name = 'CommandFailed';
    this.failure = failure;
  }
}

const SESSION_KEY = 'siaga.session';
const TOKEN_IN_ADDRESS = /^#s=([^&]+)/;

/** Takes the session token out of the address, so that it does not stay in the history. */
function takeToken(): string {
  const found = TOKEN_IN_ADDRESS.exec(location.hash)?.[1];
  if (found !== undefined) {
    sessionStorage.setItem(SESSION_KEY, decodeURIComponent(found));
    history.replaceState(null, '', '#/');
  }
  return sessionStorage.getItem(SESSION_KEY) ?? '';
}

const inApp = isTauri();
const token = inApp ? '' : takeToken();

function isFailure(value: unknown): value is Failure {
  return typeof value === 'object' && value !== null && 'code' in value && 'remedy' in value;
}

function unreachable(detail: string): Failure {
  return { code: 'internal', argument: null, detail, remedy: 'start the engine again' };
}

async function overHttp<Name extends Command>(command: Name, request: Commands[Name][0]): Promise<Commands[Name][1]> {
  let response: Response;
  try {
    response = await fetch(`/api/${command}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Siaga-Session': token },
      body: JSON.stringify(request),
    });
  } catch {
    throw new CommandFailed(unreachable('the engine did not answer'));
  }
  const answer = await response.json().catch(() => null);
  if (response.ok) return answer;
  throw new CommandFailed(isFailure(answer) ? answer : unreachable(`the engine answered ${response.status}`));
}

async function overTauri<Name extends Command>(command: Name, request: Commands[Name][0]): Promise<Commands[Name][1]> {
  try {
    return await invoke<Commands[Name][1]>(command, { request });
  } catch (error) {
    throw new CommandFailed(isFailure(error) ? error : unreachable('the shell did not answer'));
  }
}

/** Asks the engine. Rejects with `CommandFailed` and nothing else. */
export function call<Name extends Command>(command: Name, request: Commands[Name][0]): Promise<Commands[Name][1]> {
  return inApp ? overTauri(command, request) : overHttp(command, request);
}

/** Calls back whenever the store changed, by whichever process. Returns the function that stops it. */
export function onChanged(changed: () => void): () => void {
  if (inApp) {
    const stopping = listen('changed', changed);
    return () => void stopping.then((stop) => stop());
  }
  const events = new EventSource(`/api/events?s=${encodeURIComponent(token)}`);
  events.addEventListener('changed', changed);
  // After a break something may have been missed.
  events.addEventListener('open', changed);
  return () => events.close();
}

/** Where the bytes of an attachment can be shown from. */
export function attachmentUrl(sha256: string): string {
  return inApp ? convertFileSrc(sha256, 'attachment') : `/api/attachment/${sha256}?s=${encodeURIComponent(token)}`;
}

/** Bytes of a map pack in use, fewer than asked for at its end. Rejects when it is not there, or not any more. */
export async function packBytes(sha256: string, offset: number, most: number): Promise<ArrayBuffer> {
  const place = inApp ? convertFileSrc(sha256, 'pack') : `/api/pack/${sha256}`;
  const query = new URLSearchParams({ offset: String(offset), most: String(most), ...(inApp ? {} : { s: token }) });
  const response = await fetch(`${place}?${query.toString()}`);
  if (!response.ok) throw new CommandFailed(unreachable(`the engine answered ${response.status}`));
  return response.arrayBuffer();
}
