// The live stream of the center, and the honest answer to "is what I see still true?".
//
// A stream that looks open may be dead (a pulled cable says nothing for minutes), so the center's health is
// asked as well. The page is live only while the stream is open and the last question was answered.

import type { AlarmEvent } from '../generated/center/AlarmEvent';
import type { ChangedEvent } from '../generated/center/ChangedEvent';
import * as api from './api';

export interface StreamListener {
  /** Everything may have changed while nobody listened: read it all again. */
  opened(): void;
  /** The stream broke, or was refused: perhaps nobody is signed in any more. */
  dropped(): void;
  changed(event: ChangedEvent): void;
  alarm(event: AlarmEvent): void;
  live(is: boolean): void;
  /** The center's clock, in milliseconds UTC. */
  time(nowMs: number): void;
}

const ASK_EVERY_MS = 10_000;
const RETRY_MS = [500, 1_000, 2_000, 4_000, 8_000] as const;

/** Listens until the returned function is called. */
export function listen(listener: StreamListener): () => void {
  let stopped = false;
  let source: EventSource | null = null;
  let streaming = false;
  let answering = true;
  let attempt = 0;
  let retry: ReturnType<typeof setTimeout> | undefined;

  const tell = (): void => listener.live(streaming && answering);

  const connect = (): void => {
    if (stopped) return;
    source?.close();
    source = new EventSource('/api/events', { withCredentials: true });
    source.onopen = () => {
      streaming = true;
      attempt = 0;
      tell();
      listener.opened();
    };
    source.onerror = () => {
      streaming = false;
      tell();
      source?.close();
      clearTimeout(retry);
      retry = setTimeout(connect, RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)]);
      attempt += 1;
      listener.dropped();
    };
    source.addEventListener('changed', (event) => {
      const change = parse<ChangedEvent>(event);
      if (change) listener.changed(change);
    });
    source.addEventListener('alarm', (event) => {
      const alarm = parse<AlarmEvent>(event);
      if (alarm) listener.alarm(alarm);
    });
  };

  const check = async (): Promise<void> => {
    const before = answering;
    try {
      const health = await api.health();
      answering = true;
      listener.time(health.now_ms);
    } catch {
      answering = false;
    }
    if (stopped) return;
    if (answering && !before) connect();
    tell();
  };

  connect();
  void check();
  const asking = setInterval(() => void check(), ASK_EVERY_MS);

  return () => {
    stopped = true;
    clearInterval(asking);
    clearTimeout(retry);
    source?.close();
  };
}

function parse<T>(event: MessageEvent<unknown>): T | null {
  try {
    return typeof event.data === 'string' ? (JSON.parse(event.data) as T) : null;
  } catch {
    return null;
  }
}
