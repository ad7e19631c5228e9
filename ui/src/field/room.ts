// How much height there is: with the keyboard open, or with the phone on its side, bars give way to what is being done.
// The visual viewport is measured, because some browsers leave the page as tall as before under the keyboard.

/** Below this the bars take more than they give, CSS pixels. */
const SHORT_PX = 480;

function isTyping(): boolean {
  const at = document.activeElement;
  return at instanceof HTMLTextAreaElement || (at instanceof HTMLInputElement && at.type !== 'file');
}

/** Keeps `data-room`, `data-typing` and `--room-height` of the root true. Returns the function that stops it. */
export function watchRoom(): () => void {
  const root = document.documentElement;
  const view = window.visualViewport;
  const measure = (): void => {
    const height = view?.height ?? window.innerHeight;
    root.style.setProperty('--room-height', `${Math.round(height)}px`);
    if (height < SHORT_PX) root.dataset['room'] = 'short';
    else delete root.dataset['room'];
    if (isTyping()) root.dataset['typing'] = '';
    else delete root.dataset['typing'];
    if (isTyping() && height < SHORT_PX) document.activeElement?.scrollIntoView({ block: 'nearest' });
  };
  measure();
  view?.addEventListener('resize', measure);
  window.addEventListener('resize', measure);
  document.addEventListener('focusin', measure);
  document.addEventListener('focusout', measure);
  return () => {
    view?.removeEventListener('resize', measure);
    window.removeEventListener('resize', measure);
    document.removeEventListener('focusin', measure);
    document.removeEventListener('focusout', measure);
  };
}
