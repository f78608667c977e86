import { defaultHttp } from '../config/defaults.ts';

/** What a new configuration says. */
export interface ConfigTemplate {
  readonly ips: readonly string[];
  readonly port: number;
  readonly username: string;
  /** Letters, digits, `-` and `_` only: nothing that XML would read. */
  readonly password: string;
  /** The base name of the files of certificate and key. */
  readonly certificateName: string;
}

/** Writes a configuration for people to read and change. */
export const formatConfig = (template: ConfigTemplate): string => {
  const { ips, port, username, password, certificateName } = template;
  return `<?xml version="1.0" encoding="UTF-8"?>
<!-- Configuration of a Clacks server. docs/configuration.md explains every key. -->
<clacks>
    <!-- What the server calls itself in its log. -->
    <appname>Clacks</appname>

    <!-- Addresses to listen on, always with TLS; one element each. 0.0.0.0 and :: are all of them. -->
${ips.map((ip) => `    <ip>${ip}</ip>`).join('\n')}
    <port>${port}</port>

    <!-- Sockets for programs on this machine, without TLS. -->
    <!-- <socket>clacks.sock</socket> <socketchmod>0770</socketchmod> -->

    <!-- For pages of browsers, at wss://ADDRESS:49887/clacks: where to listen, and where pages may come
         from. With <http>1</http> in place of <ip> it is on the admin HTTP, at /clacks. -->
    <!-- <websocket><ip>127.0.0.1</ip><origin>https://house.example</origin></websocket> -->

    <!-- Certificate and key, beside this file. New ones: clacks cert -->
    <ssl>
        <cert>${certificateName}.crt</cert>
        <key>${certificateName}.key</key>
    </ssl>

    <!-- The main user may do everything. The password may be a hash: clacks hash-password -->
    <username>${username}</username>
    <password>${password}</password>

    <!-- Others may do what is set to 1, or with the names that are given. -->
    <!--
    <user>
        <username>sensor</username>
        <password>scrypt:...</password>
        <readnames>Kitchen::**</readnames>
        <writenames>Kitchen::Sensor::*</writenames>
        <manage>0</manage>
    </user>
    -->

    <!-- The admin HTTP, for this machine: health, metrics, and a page and an API for the users above
         that may read or manage. docs/admin-http.md -->
    <http>
        <ip>${defaultHttp.ip}</ip>
        <port>${defaultHttp.port}</port>
    </http>

    <!-- A client that has not sent a PING for so many seconds is closed. -->
    <pingtimeout>180</pingtimeout>

    <!-- Entries of the cache that nobody has used for so many seconds are forgotten; 0 = never. -->
    <stalecachetime>86400</stalecachetime>

    <!-- Most memory that the cache takes, about, in bytes: beyond it, what was used longest ago is
         forgotten. 0 = as much as there is. -->
    <maxcachebytes>1073741824</maxcachebytes>
</clacks>
`;
};
