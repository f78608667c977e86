import { textFromWire } from '@clacks/protocol';

/** What a server tells of one of its connections (protocol 5). */
export interface ClientInfo {
  /** Its name on that server, for `disconnectClient()`. */
  readonly cid: string;
  readonly host: string;
  readonly port: string;
  /** What the client calls itself. */
  readonly clientInfo: string;
  /** Bytes that wait for the client. */
  readonly outbufferBytes: number;
  /** Bytes received from the client that wait to be handled. */
  readonly inbufferBytes: number;
  /** Whether it is a link to another server. */
  readonly isInterclacks: boolean;
  readonly isMonitor: boolean;
  /** Epoch seconds. */
  readonly lastPingSeconds: number;
  /** Epoch seconds, 0 if it is no link. */
  readonly lastInterclacksPingSeconds: number;
  /** Since when the client has accepted nothing, epoch seconds; 0 if all is well. */
  readonly writeFailSeconds: number;
  /** What our servers tell besides of a link to another server. */
  readonly link?: LinkInfo;
}

/** A server's link to another one. */
export interface LinkInfo {
  /** `authenticating`, `locked`, `syncing` or `live`. */
  readonly state: string;
  /** The server's clock minus that of the other one, in seconds, if known. */
  readonly offsetSeconds?: number;
  /** How long a line to the other one and back took, in seconds, if measured. */
  readonly lagSeconds?: number;
}

/** Parses what follows `CLIENT ` in a client list. Fields that are missing are empty or 0. */
export const parseClientInfo = (text: string): ClientInfo => {
  const fields = new Map(
    textFromWire(text)
      .split(';')
      .map((field): [string, string] => {
        const [key = '', ...value] = field.split('=');
        return [key, value.join('=')];
      }),
  );
  const textOf = (key: string): string => fields.get(key) ?? '';
  const numberOf = (key: string): number => Number(fields.get(key) ?? 0);
  const link: LinkInfo = {
    state: textOf('LINKSTATE'),
    ...(fields.has('LINKOFFSET') && { offsetSeconds: numberOf('LINKOFFSET') }),
    ...(fields.has('LINKLAG') && { lagSeconds: numberOf('LINKLAG') }),
  };
  return {
    cid: textOf('CID'),
    host: textOf('HOST'),
    port: textOf('PORT'),
    clientInfo: textOf('CLIENTINFO'),
    outbufferBytes: numberOf('OUTBUFFER_LENGTH'),
    inbufferBytes: numberOf('INBUFFER_LENGTH'),
    isInterclacks: numberOf('INTERCLACKS') === 1,
    isMonitor: numberOf('MONITOR') === 1,
    lastPingSeconds: numberOf('LASTPING'),
    lastInterclacksPingSeconds: numberOf('LASTINTERCLACKSPING'),
    writeFailSeconds: numberOf('WRITEFAILTIME'),
    ...(link.state !== '' && { link }),
  };
};
