/**
 * Keeps out of sight what the shell asks the server on its own account: the names for completion, and
 * the fences that tell that everything sent has been handled. Lines that the user sent, and their
 * answers, are all shown. The server answers in the order it was asked.
 */
export class ShellFilter {
  /** Who asked for the key lists that are still to come. */
  readonly #keylists: ('user' | 'shell')[] = [];
  /** How often the user waits for that FLUSHED. */
  readonly #flushes = new Map<string, number>();

  /** The user sends a line. */
  sentByUser(line: string): void {
    if (line === 'KEYLIST') this.#keylists.push('user');
    if (!line.startsWith('FLUSH ')) return;
    const answer = `FLUSHED ${line.slice('FLUSH '.length)}`;
    this.#flushes.set(answer, (this.#flushes.get(answer) ?? 0) + 1);
  }

  /** The shell itself asks for the key list. */
  asksForKeys(): void {
    this.#keylists.push('shell');
  }

  /** The key list that the shell asked for last will not come. */
  isNotTold(): void {
    const last = this.#keylists.lastIndexOf('shell');
    if (last >= 0) this.#keylists.splice(last, 1);
  }

  /** Whether the user is to see a line that was received. */
  isShown(line: string): boolean {
    if (line.startsWith('FLUSHED ')) return this.#takeFlush(line);
    if (line !== 'KEYLISTSTART' && line !== 'KEYLISTEND' && !line.startsWith('KEY ')) return true;
    const isUsers = this.#keylists[0] !== 'shell';
    if (line === 'KEYLISTEND') this.#keylists.shift();
    return isUsers;
  }

  #takeFlush(answer: string): boolean {
    const waiting = this.#flushes.get(answer) ?? 0;
    if (waiting > 1) this.#flushes.set(answer, waiting - 1);
    else this.#flushes.delete(answer);
    return waiting > 0;
  }
}
