/*
 * A store's process: it alone opens the file, so that whatever LMDB meets there ends this process
 * and not the server. It ends with the server, too.
 */
import { readFileSync, rmSync } from 'node:fs';
import { ByteWriter } from './bytes.ts';
import { LmdbFile } from './lmdb-file.ts';
import type { Owner, ProcessIdentity, RawEntry } from './lmdb-layout.ts';
import type { StoreInfo, StoreReport, StoreRequest, StoreTask } from './messages.ts';
import { NewLmdbFile } from './new-lmdb-file.ts';
import { damagedAdvice, isAboutContent, StoreError } from './store-error.ts';

/** Bytes of entries that are sent in one go. */
const chunkBytes = 1024 * 1024;

const task = JSON.parse(process.argv[2] ?? '') as StoreTask;

/** Resolves when the server's process has taken it. */
const tell = (report: StoreReport): Promise<void> =>
  new Promise((resolve) => {
    if (process.send === undefined || !process.connected) process.exit();
    process.send(report, undefined, undefined, () => {
      resolve();
    });
  });

/** What the system says, without what LMDB was at. */
const messageOf = (error: unknown): string => {
  const text = error instanceof Error ? error.message : String(error);
  return text.split(': Attempting ')[0] ?? text;
};

const storeErrorOf = (error: unknown): StoreError => {
  if (error instanceof StoreError) return error;
  const message = messageOf(error);
  return isAboutContent(message)
    ? StoreError.of(task.file, 'damaged', `is damaged (${message}): ${damagedAdvice}`)
    : StoreError.of(task.file, 'unusable', `cannot be used: ${message}`);
};

const refuse = async (error: unknown): Promise<never> => {
  const { problem, message } = storeErrorOf(error);
  await tell({ kind: 'refused', problem, what: message });
  process.exit();
};

/** When a process started; `undefined` if there is none, or the system does not say. */
const startOf = (pid: number): string | undefined => {
  try {
    // The name of the program, in parentheses, may contain anything.
    const [, fields = ''] = /^.*\) (.*)$/su.exec(readFileSync(`/proc/${pid}/stat`, 'latin1')) ?? [];
    return fields.split(' ')[19];
  } catch {
    return undefined;
  }
};

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

const identityOf = (pid: number): ProcessIdentity => ({ pid, startedAt: startOf(pid) });

const owner: Owner = {
  server: identityOf(task.owner.pid),
  process: identityOf(process.pid),
  token: task.owner.token,
};

const isAlive = ({ pid, startedAt }: ProcessIdentity): boolean =>
  isRunning(pid) && startOf(pid) === startedAt;

/** A process that has outlived its server changes nothing any more: the file is not its own then. */
const isInUse = (other: Owner): boolean => isAlive(other.process) && isAlive(other.server);

/** Resolves when the next request of that kind comes. */
const request = <Kind extends StoreRequest['kind']>(
  ...kinds: readonly Kind[]
): Promise<Extract<StoreRequest, { kind: Kind }>> =>
  new Promise((resolve) => {
    process.once('message', (message: StoreRequest) => {
      if (!(kinds as readonly string[]).includes(message.kind)) process.exit(1);
      resolve(message as Extract<StoreRequest, { kind: Kind }>);
    });
  });

/** Sends entries and waits until they are taken, where who gets them may be slower. */
const tellPaced = async (data: Buffer): Promise<void> => {
  const taken = request('next');
  await tell({ kind: 'entries', data });
  await taken;
};

const tellEntries = async (
  entries: Iterable<RawEntry | undefined>,
  tellThese: (data: Buffer) => Promise<void>,
  maxBytes = chunkBytes,
): Promise<void> => {
  const bytes = new ByteWriter(chunkBytes + chunkBytes / 4);
  const tellAll = async (): Promise<void> => {
    if (bytes.length === 0) return;
    await tellThese(bytes.take());
    bytes.clear();
  };
  try {
    for (const entry of entries) {
      if (entry === undefined) continue;
      bytes.sizedBytes(entry.key);
      bytes.sizedBytes(entry.record);
      if (bytes.length >= maxBytes) await tellAll();
    }
  } finally {
    // Also what could be read before something else could not.
    await tellAll();
  }
};

const serve = (file: LmdbFile, unwritable: string | undefined): void => {
  process.on('message', (message: StoreRequest) => {
    if (message.kind === 'close') {
      file.leave(message.nodeId);
      process.exit();
    }
    if (message.kind !== 'save') return;
    try {
      if (unwritable !== undefined) throw new Error(unwritable);
      file.save(message.changes, message.context);
      void tell({ kind: 'saved' });
    } catch (error) {
      // What LMDB knows of the file may be wrong from now on: a new process looks at it anew.
      void tell({ kind: 'failed', reason: messageOf(error) }).then(() => process.exit());
    }
  });
};

/** Opens the file to write it, or only to read it if that cannot be, and then why. */
const openToLoad = (): { readonly file: LmdbFile; readonly reason: string | undefined } => {
  try {
    return { file: new LmdbFile(task.file, owner, 'write'), reason: undefined };
  } catch (error) {
    if (error instanceof StoreError) throw error;
    return { file: new LmdbFile(task.file, owner, 'read'), reason: messageOf(error) };
  }
};

const load = async (): Promise<void> => {
  const opened = openToLoad();
  const { file } = opened;
  let { reason } = opened;
  file.refuseIfOwned(isInUse);
  const { meta, entries } = file.snapshot();
  // Nothing is written before all was read, and found to be as it was written.
  await tellEntries(entries, (data) => tell({ kind: 'entries', data }));
  let nodeId: string | undefined;
  try {
    if (reason === undefined) nodeId = file.own(isInUse, meta);
  } catch (error) {
    if (error instanceof StoreError) throw error;
    reason = messageOf(error);
  }
  serve(file, reason);
  const { entries: count, checksum, context } = meta;
  const unwritable = reason === undefined ? undefined : { reason, entries: count, checksum };
  await tell({ kind: 'opened', entries: count, context, nodeId, unwritable });
};

const resume = async (): Promise<void> => {
  const file = new LmdbFile(task.file, owner, 'resume');
  // What could not be written when it was loaded may be somebody else's now.
  if (task.unwritable === undefined) file.ownAgain();
  else file.own(isInUse, task.unwritable);
  serve(file, undefined);
  const { count: entries, context } = file;
  await tell({ kind: 'opened', entries, context, nodeId: undefined, unwritable: undefined });
};

const read = async (): Promise<void> => {
  const { meta, entries } = new LmdbFile(task.file, owner, 'read').snapshot();
  const { entries: count, context } = meta;
  await tell({ kind: 'opened', entries: count, context, nodeId: undefined, unwritable: undefined });
  await tellEntries(entries, tellPaced);
  await tell({ kind: 'done', entries: count });
};

const hold = async (): Promise<void> => {
  const file = new LmdbFile(task.file, owner, 'write');
  const nodeId = file.own(isInUse, file.snapshot().meta);
  const { count: entries, context } = file;
  const end = request('close');
  await tell({ kind: 'opened', entries, context, nodeId, unwritable: undefined });
  file.leave((await end).nodeId);
};

/** What a damaged store still knows of itself. */
const infoOf = (file: LmdbFile): StoreInfo | undefined => {
  try {
    const { count: entries, context } = file;
    return { entries, context, nodeId: undefined, unwritable: undefined };
  } catch {
    // That is damaged, too.
    return undefined;
  }
};

const salvage = async (): Promise<void> => {
  const { from, isReverse = false, isCareful = false } = task.salvage ?? {};
  const file = new LmdbFile(task.file, owner, 'salvage');
  file.refuseIfUsed(isInUse);
  const info = infoOf(file);
  if (info !== undefined) await tell({ kind: 'opened', ...info });
  const start = from === undefined ? undefined : Buffer.from(from, 'base64');
  await tellEntries(file.salvaged(start, isReverse), tellPaced, isCareful ? 0 : chunkBytes);
  await tell({ kind: 'done', entries: 0 });
};

const make = async (): Promise<void> => {
  // Nobody needs what is not finished.
  const remove = (): void => {
    for (const file of [task.file, `${task.file}-lock`]) rmSync(file, { force: true });
  };
  process.prependListener('disconnect', remove);
  try {
    const file = new NewLmdbFile(task.file);
    for (;;) {
      const next = request('add', 'finish');
      await tell({ kind: 'saved' });
      const message = await next;
      if (message.kind === 'add') {
        file.add(message.data);
        continue;
      }
      await file.finish(message.context, message.nodeId);
      await tell({ kind: 'done', entries: file.entries });
      return;
    }
  } catch (error) {
    remove();
    throw error;
  }
};

// What is meant for the server is no matter of this process: it ends when the server has ended.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.on('disconnect', () => process.exit());
// The values of clients are nobody else's.
process.umask(0o077);

try {
  if (task.what === 'load' || task.what === 'resume') {
    await { load, resume }[task.what]();
  } else {
    await { read, hold, salvage, make }[task.what]();
    process.exit();
  }
} catch (error) {
  await refuse(error);
}
