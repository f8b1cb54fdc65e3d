/**
 * Ends this process when its launcher is gone (killed with SIGKILL, which nothing can pass on): a command that trains
 * on unseen would be started a second time. It is asked with SIGTERM, so `train` finishes its step and saves.
 */
export function endWithLauncher(): void {
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  // The channel must not keep a command alive that is done.
  process.channel?.unref();
}
