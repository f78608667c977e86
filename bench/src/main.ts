// npm run bench: the article's headline and more, against a node in a process of its own.
import { parseArgs } from 'node:util';
import { runFleet } from './fleet.ts';
import { startNode } from './node-under-test.ts';

const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: '1000' },
    'steady-signals': { type: 'string', default: '5000' },
    'steady-seconds': { type: 'string', default: '60' },
    'burst-signals': { type: 'string', default: '100000' },
  },
});

const plan = {
  clients: Number(values.clients),
  steadySignals: Number(values['steady-signals']),
  steadyMs: Number(values['steady-seconds']) * 1000,
  burstSignals: Number(values['burst-signals']),
};

const node = await startNode();
const result = await runFleet(node.connection, plan);
await node[Symbol.asyncDispose]();

const seconds = result.burstMs / 1000;
const lines = [
  `${plan.clients} TLS clients connected in ${(result.connectMs / 1000).toFixed(1)} s`,
  `${result.sent} signals sent, ${result.deliveries} of ${result.expectedDeliveries} delivered`,
  `burst of ${plan.burstSignals} signals in ${seconds.toFixed(1)} s`,
  ...result.faults,
];
process.stdout.write(`${lines.join('\n')}\n`);
if (result.faults.length > 0 || result.deliveries !== result.expectedDeliveries) {
  process.exitCode = 1;
}
