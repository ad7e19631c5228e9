// Where the page is: kept in the address, so that a renderer that was killed opens where it was.

export type Route =
  | { name: 'tasks' }
  | { name: 'task'; task: string }
  | { name: 'patient'; patient: string; task: string }
  | { name: 'new_patient'; incident: string; task: string }
  | { name: 'assess'; incident: string; task: string }
  | { name: 'assessment'; assessment: string; task: string }
  | { name: 'map' }
  | { name: 'report' }
  | { name: 'me' }
  | { name: 'outbox' }
  | { name: 'disputes' };

export type TabKey = 'tasks' | 'map' | 'report' | 'me';

export function read(hash: string): Route {
  const [name = '', first = '', second = ''] = hash.replace(/^#\/?/, '').split('/').map(decodeURIComponent);
  switch (name) {
    case 'task':
      return first === '' ? { name: 'tasks' } : { name: 'task', task: first };
    case 'patient':
      return { name: 'patient', patient: first, task: second };
    case 'new_patient':
      return { name: 'new_patient', incident: first, task: second };
    case 'assess':
      return { name: 'assess', incident: first, task: second };
    case 'assessment':
      return { name: 'assessment', assessment: first, task: second };
    case 'map':
    case 'report':
    case 'me':
    case 'outbox':
    case 'disputes':
      return { name };
    default:
      return { name: 'tasks' };
  }
}

export function write(route: Route): string {
  const parts = (...all: string[]): string => `#/${all.map(encodeURIComponent).join('/')}`;
  switch (route.name) {
    case 'task':
      return parts('task', route.task);
    case 'patient':
      return parts('patient', route.patient, route.task);
    case 'new_patient':
      return parts('new_patient', route.incident, route.task);
    case 'assess':
      return parts('assess', route.incident, route.task);
    case 'assessment':
      return parts('assessment', route.assessment, route.task);
    case 'tasks':
      return '#/';
    default:
      return parts(route.name);
  }
}

/** What the arrow at the top goes back to. */
export function parentOf(route: Route): Route {
  switch (route.name) {
    case 'patient':
    case 'new_patient':
    case 'assess':
    case 'assessment':
      return route.task === '' ? { name: 'tasks' } : { name: 'task', task: route.task };
    case 'outbox':
    case 'disputes':
      return { name: 'me' };
    default:
      return { name: 'tasks' };
  }
}

export function tabOf(route: Route): TabKey {
  switch (route.name) {
    case 'map':
    case 'report':
    case 'me':
      return route.name;
    case 'outbox':
    case 'disputes':
      return 'me';
    default:
      return 'tasks';
  }
}

let current = $state<Route>(typeof location === 'undefined' ? { name: 'tasks' } : read(location.hash));

if (typeof window !== 'undefined') {
  window.addEventListener('hashchange', () => {
    current = read(location.hash);
    window.scrollTo(0, 0);
  });
}

export function route(): Route {
  return current;
}

export function go(to: Route): void {
  location.hash = write(to);
}

/** Leaves a form that is done, so that the back button does not open it again. */
export function replace(to: Route): void {
  location.replace(write(to));
}
