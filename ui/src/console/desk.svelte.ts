// What the dispatcher's desk shows, and the deeds that change it. The center is the truth: after a deed, and
// whenever the stream says that something changed, the stale lists are read again. Nothing is kept between
// two visits of the page.

import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import type { Category } from '../generated/Category';
import type { Priority } from '../generated/Priority';
import type { Village } from '../generated/Village';
import type { Alert } from '../generated/center/Alert';
import type { Choices } from '../generated/center/Choices';
import type { DeviceView } from '../generated/center/DeviceView';
import type { IncidentDetail } from '../generated/center/IncidentDetail';
import type { IncidentSummary } from '../generated/center/IncidentSummary';
import type { PostView } from '../generated/center/PostView';
import type { Session } from '../generated/center/Session';
import type { SosView } from '../generated/center/SosView';
import type { UnitView } from '../generated/center/UnitView';
import type { UnplacedView } from '../generated/center/UnplacedView';
import type { VerdictView } from '../generated/center/VerdictView';
import * as api from './api';
import { Trouble, type TroubleCode } from './api';
import { sounding, toTake } from './logic/alarms';
import { centers } from './logic/centers';
import { whereabouts } from './logic/positions';
import { ALL_PARTS, type Part, staleAfter, touchesDetail } from './logic/refresh';
import { keepDraft, keptDraft } from './once';
import { own } from './own';
import { count } from './say';
import { listen } from './stream';

/** What the third column shows. */
export type Pane =
  | { kind: 'none' }
  | { kind: 'incident'; id: string }
  | { kind: 'intake' }
  | { kind: 'unit'; code: string }
  | { kind: 'post'; code: string }
  | { kind: 'sos'; id: string }
  | { kind: 'devices' };

/** The form that stands open over the incident. */
export type Form = 'none' | 'assign' | 'note' | 'close';

/** What was just done, or could not be; with a way back while there is one. */
export interface Notice {
  serial: number;
  text: string;
  failed: boolean;
  onundo: (() => void) | null;
  onend: (() => void) | null;
}

/** A call being taken: kept while other things are looked at, until it is saved or cleared. */
export interface Draft {
  category: Category | null;
  village: Village | null;
  landmark: string;
  point: string;
  narrative: string;
  callerName: string;
  callerPhone: string;
  priority: Priority;
}

export function emptyDraft(): Draft {
  return { category: null, village: null, landmark: '', point: '', narrative: '', callerName: '', callerPhone: '', priority: '2' };
}

/** The draft as it was kept; an empty one where nothing was, or where it has another form. */
function draftOf(kept: string | null): Draft {
  try {
    const read: unknown = kept === null ? null : JSON.parse(kept);
    return typeof read === 'object' && read !== null ? { ...emptyDraft(), ...read } : emptyDraft();
  } catch {
    return emptyDraft();
  }
}

/** A point somebody clicked on the map while a call was being taken. */
export interface Point {
  lat: number;
  lon: number;
}

/** Changes that come together are read together. */
const GATHER_MS = 120;

export class Desk {
  readonly session: Session;
  choices = $state.raw<Choices | null>(null);
  incidents = $state.raw<IncidentSummary[]>([]);
  units = $state.raw<UnitView[]>([]);
  devices = $state.raw<DeviceView[]>([]);
  /** What the center did not simply accept, newest first. */
  verdicts = $state.raw<VerdictView[]>([]);
  /** Records that wait to be placed, by phone. */
  unplaced = $state.raw<UnplacedView[]>([]);
  posts = $state.raw<PostView[]>([]);
  sos = $state.raw<SosView[]>([]);
  alerts = $state.raw<Alert[]>([]);
  boundaries = $state.raw<unknown>(null);
  detail = $state.raw<IncidentDetail | null>(null);
  pane = $state.raw<Pane>({ kind: 'none' });
  form = $state<Form>('none');
  draft = $state<Draft>(emptyDraft());
  notice = $state.raw<Notice | null>(null);
  /** The incident to come back to when a pane over it is closed. */
  private behind: string | null = null;
  /** Where the call being taken is, as clicked on the map. */
  picked = $state.raw<Point | null>(null);
  /** A place the map should show now. */
  focus = $state.raw<Point | null>(null);
  /** Center time, milliseconds UTC; moves every second. */
  now = $state(Date.now());
  live = $state(false);
  /** When the stream was lost, center time; null while live. */
  lostSince = $state<number | null>(null);
  /** Everything was read at least once. */
  ready = $state(false);
  trouble = $state<TroubleCode | null>(null);
  /** Alarms that somebody here took in hand. */
  readonly inHand = new SvelteSet<string>();
  /** The last moment each list was read, center time. */
  readonly readAt = new SvelteMap<Part, number>();

  private serial = 0;
  private offset = 0;
  private stale = new Set<Part>();
  private staleDetail = false;
  private gathering: ReturnType<typeof setTimeout> | undefined;
  private reading = false;
  private readonly onSignedOut: () => void;

  constructor(session: Session, onSignedOut: () => void) {
    this.session = session;
    this.draft = draftOf(keptDraft(session.user));
    this.onSignedOut = onSignedOut;
  }

  /** Roughly where each village is, from the imported outlines. */
  centers = $derived(centers(this.boundaries, this.choices?.districts ?? []));
  soundings = $derived.by(() => sounding(this.alerts, this.inHand, this.session.role));

  /** Reads everything and listens; call the returned function to stop. */
  start(): () => void {
    const clock = setInterval(() => {
      this.now = Date.now() + this.offset;
    }, 1_000);
    const stop = listen({
      opened: () => this.makeStale(ALL_PARTS, true),
      dropped: () => void this.checkSession(),
      changed: (event) => this.makeStale(staleAfter(event.kind), touchesDetail(event.kind)),
      alarm: () => this.makeStale(['alerts', 'incidents', 'units'], true),
      live: (is) => {
        this.live = is;
        if (is) this.lostSince = null;
        else this.lostSince ??= this.now;
      },
      time: (nowMs) => this.learnTime(nowMs),
    });
    this.makeStale(ALL_PARTS, true);
    // Ages of posts and unanswered orders move with the clock, not only with changes.
    const tick = setInterval(() => this.makeStale(['alerts', 'posts', 'units'], false), 30_000);
    return () => {
      clearInterval(clock);
      clearInterval(tick);
      clearTimeout(this.gathering);
      stop();
    };
  }

  private nextSerial(): number {
    this.serial += 1;
    return this.serial;
  }

  private learnTime(nowMs: number): void {
    this.offset = nowMs - Date.now();
    this.now = nowMs;
  }

  private makeStale(parts: readonly Part[], detail: boolean): void {
    for (const part of parts) this.stale.add(part);
    this.staleDetail ||= detail;
    clearTimeout(this.gathering);
    this.gathering = setTimeout(() => void this.readStale(), GATHER_MS);
  }

  private async readStale(): Promise<void> {
    if (this.reading) {
      this.makeStale([], false);
      return;
    }
    this.reading = true;
    const parts = [...this.stale];
    const detail = this.staleDetail;
    this.stale.clear();
    this.staleDetail = false;
    const open = this.pane.kind === 'incident' ? this.pane.id : null;
    const all = parts.map((part) => this.read(part));
    if (detail && open !== null) all.push(this.readDetail(open));
    const outcomes = await Promise.allSettled(all);
    const failure = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failure) this.fail(failure.reason);
    else {
      this.trouble = null;
      this.ready = true;
    }
    this.reading = false;
  }

  private async read(part: Part): Promise<void> {
    try {
      switch (part) {
        case 'incidents':
          this.incidents = await api.incidents();
          break;
        case 'units':
          this.units = await api.units();
          break;
        case 'devices':
          [this.devices, this.verdicts] = await Promise.all([api.devices(), api.verdicts()]);
          break;
        case 'unplaced':
          this.unplaced = await api.unplaced();
          break;
        case 'posts':
          this.posts = await api.posts();
          break;
        case 'sos':
          this.sos = await api.sos();
          break;
        case 'alerts':
          this.alerts = await api.alerts();
          break;
        case 'choices':
          this.choices = await api.choices();
          break;
        case 'boundaries':
          this.boundaries = await api.boundaries();
          break;
      }
      this.readAt.set(part, this.now);
    } catch (cause) {
      // What could not be read stays stale; the next change or reconnection reads it again.
      this.stale.add(part);
      throw cause;
    }
  }

  private async readDetail(id: string): Promise<void> {
    const detail = await api.incident(id);
    if (this.pane.kind === 'incident' && this.pane.id === id) this.detail = detail;
  }

  /** A refused stream looks like a lost one; only asking tells them apart. */
  private async checkSession(): Promise<void> {
    try {
      await api.session();
    } catch (cause) {
      if (cause instanceof Trouble && cause.code === 'not_signed_in') this.onSignedOut();
    }
  }

  private fail(cause: unknown): void {
    const code = cause instanceof Trouble ? cause.code : 'internal';
    if (code === 'not_signed_in') this.onSignedOut();
    else this.trouble = code;
  }

  /** Does something and reads what it changed. Null when done, the reason when not. */
  async attempt(deed: () => Promise<unknown>, parts: readonly Part[]): Promise<Trouble | null> {
    try {
      await deed();
      this.makeStale(parts, true);
      return null;
    } catch (cause) {
      const trouble = cause instanceof Trouble ? cause : new Trouble('internal');
      if (trouble.code === 'not_signed_in') this.onSignedOut();
      return trouble;
    }
  }

  tell(text: string, failed = false): void {
    this.endNotice();
    this.notice = { serial: this.nextSerial(), text, failed, onundo: null, onend: null };
  }

  /** Does something only after the seconds in which it can be taken back. */
  tellUndoable(text: string, done: () => void): void {
    this.endNotice();
    this.notice = { serial: this.nextSerial(), text, failed: false, onundo: () => undefined, onend: done };
  }

  /** The notice's time is over, or another takes its place: what it held back happens now. */
  endNotice(): void {
    const notice = this.notice;
    this.notice = null;
    notice?.onend?.();
  }

  undoNotice(): void {
    const notice = this.notice;
    this.notice = null;
    notice?.onundo?.();
  }

  /** As `attempt`, and says how it went. */
  async perform(deed: () => Promise<unknown>, parts: readonly Part[], done: string, failed: (code: TroubleCode) => string): Promise<boolean> {
    const trouble = await this.attempt(deed, parts);
    if (trouble === null) this.tell(done);
    else this.tell(failed(trouble.code), true);
    return trouble === null;
  }

  show(pane: Pane): void {
    if (this.pane.kind === 'incident' && pane.kind !== 'incident') this.behind = this.pane.id;
    this.pane = pane;
    this.form = 'none';
    if (pane.kind !== 'intake') this.picked = null;
    if (pane.kind !== 'incident') return;
    if (this.detail?.summary.id !== pane.id) this.detail = null;
    this.staleDetail = true;
    this.makeStale([], true);
    const summary = this.incidents.find((incident) => incident.id === pane.id);
    const place = summary ? whereabouts(summary, this.centers) : null;
    if (place !== null) this.look(place);
  }

  showDetail(detail: IncidentDetail): void {
    this.detail = detail;
    this.pane = { kind: 'incident', id: detail.summary.id };
    this.form = 'none';
    this.picked = null;
    this.makeStale(['incidents', 'alerts'], true);
  }

  /** Back to the incident under the pane, or to nothing. */
  back(): void {
    if (this.form !== 'none') {
      this.form = 'none';
      return;
    }
    const behind = this.pane.kind === 'incident' ? null : this.behind;
    this.behind = null;
    this.show(behind === null ? { kind: 'none' } : { kind: 'incident', id: behind });
  }

  /** Calls that no unit was sent to and that nobody has in hand. */
  untaken = $derived(toTake(this.alerts));

  /** Takes all of them in one act, or the one that is named. */
  async take(incidents: readonly string[] = this.untaken): Promise<void> {
    if (incidents.length === 0) return;
    const deed = (): Promise<unknown> => api.take(incidents);
    await this.perform(deed, ['alerts', 'incidents'], own().done.taken(count(incidents.length)), (code) => own().trouble[code]);
  }

  /** One press makes the incident of a call for help and opens the choice of units; pressed again, it opens the same. */
  async sendToSos(view: SosView): Promise<void> {
    try {
      const detail = await api.sosIncident(view.sos.id, own().sos.narrative(view.sos.unit, view.sos.raised.by));
      this.showDetail(detail);
      this.form = 'assign';
      this.makeStale(['sos', 'units'], false);
    } catch (cause) {
      const code = cause instanceof Trouble ? cause.code : 'internal';
      if (code === 'not_signed_in') this.onSignedOut();
      else this.tell(own().trouble[code], true);
    }
  }

  /** What is being typed outlives a reload of the page and the end of a session. */
  keepDraft(): void {
    const typed = JSON.stringify(this.draft);
    keepDraft(this.session.user, typed === JSON.stringify(emptyDraft()) ? null : typed);
  }

  look(point: Point): void {
    this.focus = { lat: point.lat, lon: point.lon };
  }

  unitName(code: string): string {
    return this.choices?.units.find((unit) => unit.code === code)?.name ?? code;
  }

  postName(code: string): string {
    return this.choices?.posts.find((post) => post.code === code)?.name ?? code;
  }

  facilityName(code: string): string {
    return this.choices?.facilities.find((facility) => facility.code === code)?.name ?? code;
  }
}
