/** The page: prompt, reply, gallery. */
import { useEffect } from 'preact/hooks';
import { takeFiles } from '../state/attachments.js';
import { generate, reply, stop } from '../state/session.js';
import { isRunning } from '../state/reply.js';
import { Announcer } from './announcer.js';
import { Composer } from './composer.js';
import { ConnectionBanner } from './connection-banner.js';
import { Gallery } from './gallery.js';
import { Header } from './header.js';
import { KeyDialog } from './key-dialog.js';
import { MaskDialog } from './mask-dialog.js';
import { NoticeBar } from './notice-bar.js';
import { Stage } from './stage.js';

/** The whole page. */
export function App() {
  useEffect(followKeys, []);
  useEffect(followFiles, []);
  return (
    <>
      <a class="skip-link" href="#prompt" onClick={focusPrompt}>
        To the prompt
      </a>
      <Header />
      <ConnectionBanner />
      <main class="layout">
        <Composer />
        <div class="output">
          <Stage />
          <Gallery />
        </div>
      </main>
      <MaskDialog />
      <KeyDialog />
      <NoticeBar />
      <Announcer />
    </>
  );
}

/** The hash belongs to shared settings. */
function focusPrompt(event: Event): void {
  event.preventDefault();
  document.querySelector<HTMLElement>('#prompt')?.focus();
}

/** Ctrl+Enter generates and Escape stops, wherever the focus is. */
function followKeys(): () => void {
  const onKeyDown = (event: KeyboardEvent): void => {
    const isInDialog = document.querySelector('dialog[open]') !== null;
    if (event.defaultPrevented || isInDialog) return;
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      void generate();
    } else if (event.key === 'Escape' && isRunning(reply.value)) {
      event.preventDefault();
      stop();
    }
  };
  document.addEventListener('keydown', onKeyDown);
  return () => document.removeEventListener('keydown', onKeyDown);
}

/** Files can be dropped anywhere, and pasted anywhere. */
function followFiles(): () => void {
  const { body } = document;
  const onDragOver = (event: DragEvent): void => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    body.classList.add('is-dropping');
  };
  const onDragLeave = (event: DragEvent): void => {
    if (event.relatedTarget === null) body.classList.remove('is-dropping');
  };
  const onDrop = (event: DragEvent): void => {
    body.classList.remove('is-dropping');
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    void takeFiles(files);
  };
  const onPaste = (event: ClipboardEvent): void => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    void takeFiles(files);
  };
  document.addEventListener('dragover', onDragOver);
  document.addEventListener('dragleave', onDragLeave);
  document.addEventListener('drop', onDrop);
  document.addEventListener('paste', onPaste);
  return () => {
    document.removeEventListener('dragover', onDragOver);
    document.removeEventListener('dragleave', onDragLeave);
    document.removeEventListener('drop', onDrop);
    document.removeEventListener('paste', onPaste);
  };
}
