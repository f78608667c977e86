import { Wire } from './wire.ts';
import type { Target } from './wire.ts';

const retryMs = 50;

let fences = 0;

/** Waits until a signal that is sent on one node has come to the other: so does what follows. */
export const fenceTree = async (from: Target, to: Target): Promise<void> => {
  const name = `soak::fence::${++fences}`;
  let hasCome = (): void => undefined;
  const come = new Promise<void>((resolve) => {
    hasCome = resolve;
  });
  const receiver = await Wire.connect(to, (line) => {
    if (line === `SET ${name}=1`) hasCome();
  });
  receiver.write(`LISTEN ${name}\r\n`);
  await receiver.fence();
  const sender = await Wire.connect(from, () => undefined);
  // It may not be linked yet.
  const retry = setInterval(() => {
    sender.write(`SET ${name}=1\r\n`);
  }, retryMs);
  sender.write(`SET ${name}=1\r\n`);
  await come;
  clearInterval(retry);
  receiver.quit();
  sender.quit();
};
