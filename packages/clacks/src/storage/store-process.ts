/*
 * A store's process: it alone opens the file, so that whatever LMDB meets there ends this process
 * and not the server. It ends with the server, too.
 */
import { readFileSync, rmSync } from 'node:fs';
import type { StoredContext } from '../broker/ports.ts';
import { ByteWriter } from './bytes.ts';
import { LmdbFile } from './lmdb-file.ts';
import type { StoreInfo, StoreReport, StoreRequest, StoreTask } from './messages.ts';
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

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

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

const owner = { ...task.owner, startedAt: startOf(task.owner.pid) };

const tellEntries = async (file: LmdbFile): Promise<void> => {
  const bytes = new ByteWriter(chunkBytes + chunkBytes / 4);
  for (const { key, record } of file.entries()) {
    bytes.sizedBytes(key);
    bytes.sizedBytes(record);
    if (bytes.length < chunkBytes) continue;
    await tell({ kind: 'entries', data: bytes.take() });
    bytes.clear();
  }
  if (bytes.length > 0) await tell({ kind: 'entries', data: bytes.take() });
};

const serve = (file: LmdbFile, unwritable: string | undefined): void => {
  process.on('message', (request: StoreRequest) => {
    if (request.kind === 'close') {
      file.leave(request.nodeId);
      process.exit();
    }
    try {
      if (unwritable !== undefined) throw new Error(unwritable);
      file.save(request.changes, request.context);
      void tell({ kind: 'saved' });
    } catch (error) {
      // What LMDB knows of the file may be wrong from now on: a new process looks at it anew.
      void tell({ kind: 'failed', reason: messageOf(error) }).then(() => process.exit());
    }
  });
};

/** Opens the file to write it, or only to read it if that cannot be. */
const openToServe = (): Pick<StoreInfo, 'nodeId' | 'unwritable'> & { readonly file: LmdbFile } => {
  let file: LmdbFile | undefined;
  try {
    file = new LmdbFile(task.file, owner, 'write');
    const nodeId = file.own(({ pid, startedAt }) => {
      // In the same process, an earlier use was not left in order, or goes on: then it will fail.
      return pid !== owner.pid && isRunning(pid) && startOf(pid) === startedAt;
    });
    return { file, nodeId, unwritable: undefined };
  } catch (error) {
    if (error instanceof StoreError || task.what === 'resume') throw error;
    file?.close();
    file = new LmdbFile(task.file, owner, 'read');
    return { file, nodeId: undefined, unwritable: messageOf(error) };
  }
};

const load = async (): Promise<void> => {
  const { file, nodeId, unwritable } = openToServe();
  const { count: entries, context } = file;
  if (task.what === 'load') await tellEntries(file);
  serve(file, unwritable);
  await tell({ kind: 'opened', entries, context, nodeId, unwritable });
};

const read = async (): Promise<void> => {
  const file = new LmdbFile(task.file, owner, 'read');
  const { count: entries, context } = file;
  await tellEntries(file);
  await tell({ kind: 'opened', entries, context, nodeId: undefined, unwritable: undefined });
};

const contextOf = (file: LmdbFile): StoredContext | undefined => {
  try {
    return file.context;
  } catch {
    // That is damaged, too.
    return undefined;
  }
};

const salvage = async (): Promise<void> => {
  const { fromKey = '', isCareful = false } = task;
  const file = new LmdbFile(task.file, owner, 'salvage');
  const context = contextOf(file);
  await tell({ kind: 'opened', entries: 0, context, nodeId: undefined, unwritable: undefined });
  const bytes = new ByteWriter(chunkBytes);
  const maxBytes = isCareful ? 0 : chunkBytes;
  for (const entry of file.salvaged(Buffer.from(fromKey, 'base64'))) {
    if (entry === undefined) continue;
    bytes.sizedBytes(entry.key);
    bytes.sizedBytes(entry.record);
    if (bytes.length < maxBytes) continue;
    await tell({ kind: 'entries', data: bytes.take() });
    bytes.clear();
  }
  if (bytes.length > 0) await tell({ kind: 'entries', data: bytes.take() });
};

const copy = async (): Promise<void> => {
  const { target = '' } = task;
  const file = new LmdbFile(task.file, owner, 'read');
  try {
    await file.copyTo(target);
  } catch (error) {
    rmSync(target, { force: true });
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
    await load();
  } else {
    await { read, salvage, copy }[task.what]();
    await tell({ kind: 'done' });
    process.exit();
  }
} catch (error) {
  await refuse(error);
}
