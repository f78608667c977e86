import { clacks } from './clacks.ts';
import { forwarder, forwarderTcp } from './forwarder.ts';
import { memcached } from './memcached.ts';
import { aedes, mosquitto } from './mqtt.ts';
import { nats } from './nats.ts';
import type { Peer } from './peer.ts';
import { redis, redisTcp } from './redis.ts';

/** All servers that can be measured, in the order of the table. */
export const allPeers: readonly Peer[] = [
  ...[clacks, nats, redis, redisTcp, mosquitto, aedes, memcached],
  ...[forwarder, forwarderTcp],
];
