/**
 * Stops this process when its launcher is killed with SIGKILL, which cannot be forwarded; otherwise an
 * unnoticed training process might be started a second time. It sends itself SIGTERM, so that `train`
 * finishes its step and saves.
 */
export function endWithLauncher(): void {
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  // The channel must not keep a finished command alive.
  process.channel?.unref();
}
