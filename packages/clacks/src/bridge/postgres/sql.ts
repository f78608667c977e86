import { delimiter } from './command.ts';

/** The version of what is installed in a database. */
export const schemaVersion = 1;

/** The channel of Net::Clacks' bridge, spelt as there. */
export const messageChannel = 'clacksmessage';
/** The channel that tells that something is in the outbox. */
export const outboxChannel = 'clacksoutbox';

/** First key of our advisory locks: `clac`. */
export const lockClass = 0x63_6c_61_63;
/** Second keys of our advisory locks. */
export const lock = {
  /** Whose bridge is at work. */
  leader: 1,
  /** Held from the moment a transaction gets its place in the outbox until it is over. */
  order: 2,
  /** Held while something is installed. */
  install: 3,
} as const;

/** PostgreSQL takes payloads of fewer bytes than this, in the database's encoding. */
const payloadBytesMax = 8000;

/** Quotes a name of PostgreSQL. */
export const quoteIdentifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

const quoteLiteral = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** What is installed, and how. */
export interface InstallOptions {
  /** Where to. */
  readonly schema: string;
  /** Whether everything goes through the outbox; as it was, or not, if it is not said. */
  readonly durable?: boolean | undefined;
  /** The role that the bridge runs as, if it is another one. */
  readonly bridgeRole?: string | undefined;
}

/** The functions that people call, with the types of their arguments. */
const calls = {
  clacks_notify: 'text',
  clacks_set: 'text, text',
  clacks_store: 'text, text',
  clacks_setandstore: 'text, text',
  clacks_increment: 'text, text',
  clacks_decrement: 'text, text',
  clacks_remove: 'text',
} as const;

/** All functions, those last that others need. */
const functions = {
  ...calls,
  clacks_send: 'text, text, text',
  clacks_outbox_position: '',
};

const pinned = 'SET search_path = pg_catalog, pg_temp';

/** Fails, before anything is changed, where something else is or a newer version. */
const guard = (schema: string): string => `
DO $clacks$
DECLARE
  found text;
  present integer;
BEGIN
  -- Tables that somebody else has made may have triggers, that would run with the rights of who installs.
  SELECT string_agg(format('%s of %s', c.oid::regclass, c.relowner::regrole), ', ') INTO found
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_roles r ON r.oid = c.relowner
    WHERE n.nspname = ${quoteLiteral(schema)}
      AND c.relname IN ('clacks_bridge', 'clacks_outbox', 'clacks_position', 'clacks_signals')
      AND r.rolname <> current_user AND NOT r.rolsuper;
  IF found IS NOT NULL THEN
    RAISE EXCEPTION 'there are tables of somebody else: % (to upgrade, install as that role; else choose another schema)', found;
  END IF;
  IF to_regnamespace(${quoteLiteral(quoteIdentifier(schema))}) IS NULL THEN
    EXECUTE ${quoteLiteral(`CREATE SCHEMA ${quoteIdentifier(schema)}`)};
  END IF;
  IF to_regclass(${quoteLiteral(`${quoteIdentifier(schema)}.clacks_bridge`)}) IS NULL THEN
    SELECT string_agg(p.oid::regprocedure::text, ', ') INTO found
      FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
      WHERE n.nspname = ${quoteLiteral(schema)}
        AND p.proname IN (${Object.keys(functions).map(quoteLiteral).join(', ')});
    IF found IS NOT NULL THEN
      RAISE EXCEPTION 'there are functions of somebody else: % (they work with the bridge as they are; to have both, choose another schema)', found;
    END IF;
  ELSE
    SELECT version INTO present FROM ${quoteIdentifier(schema)}.clacks_bridge;
    IF present > ${schemaVersion} THEN
      RAISE EXCEPTION 'version % is installed, which is newer than ${schemaVersion}', present;
    END IF;
  END IF;
END
$clacks$;`;

const tables = (at: string, durable: boolean | undefined): string => `
CREATE TABLE IF NOT EXISTS ${at}.clacks_bridge (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  version integer NOT NULL,
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  durable boolean NOT NULL
);
INSERT INTO ${at}.clacks_bridge AS present (version, durable) VALUES (${schemaVersion}, ${durable ?? false})
  ON CONFLICT (only_row) DO UPDATE SET version = ${schemaVersion}, durable = ${durable ?? 'present.durable'};
CREATE SEQUENCE IF NOT EXISTS ${at}.clacks_position;
-- What waits for the bridge. Rows come and go all the time: they are cleared away early.
CREATE TABLE IF NOT EXISTS ${at}.clacks_outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  position bigint UNIQUE,
  created timestamptz NOT NULL DEFAULT clock_timestamp(),
  command text NOT NULL,
  name text NOT NULL,
  value text
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);
-- What came from Clacks, if the bridge is told to write it.
CREATE TABLE IF NOT EXISTS ${at}.clacks_signals (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  received timestamptz NOT NULL,
  name text NOT NULL,
  value text
);`;

/** Owned by who installs it: so nobody needs a right on the outbox. */
const sendFunction = (at: string): string => `
CREATE OR REPLACE FUNCTION ${at}.clacks_send(command text, name text, value text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER ${pinned} AS $clacks$
DECLARE
  delimiter CONSTANT text := '${delimiter}';
  is_durable boolean;
  sent bigint;
  payload text;
  key bigint;
BEGIN
  IF command NOT IN ('NOTIFY', 'SET', 'STORE', 'SETANDSTORE', 'INCREMENT', 'DECREMENT', 'REMOVE') THEN
    RAISE EXCEPTION 'clacks: there is no command %', quote_nullable(command) USING ERRCODE = '22023';
  END IF;
  IF name IS NULL OR name = '' OR name ~ '[ =\\r\\n]' THEN
    RAISE EXCEPTION 'clacks: a name has no space, no "=" and no line break, and is not empty or null: %', quote_nullable(name)
      USING ERRCODE = '22023';
  END IF;
  IF value IS NULL AND command NOT IN ('NOTIFY', 'REMOVE') THEN
    RAISE EXCEPTION 'clacks: the value for % is null', name USING ERRCODE = '22004';
  END IF;
  SELECT b.durable INTO STRICT is_durable FROM ${at}.clacks_bridge b;
  IF NOT is_durable AND (value IS NULL OR position(delimiter IN value) = 0)
    AND position(delimiter IN name) = 0 THEN
    payload := command || delimiter || name || coalesce(delimiter || value, '');
    -- PostgreSQL merges equal notifications of a transaction: from the second one on they are numbered.
    sent := coalesce(nullif(current_setting('clacks.sent', true), ''), '0')::bigint;
    PERFORM set_config('clacks.sent', (sent + 1)::text, true);
    IF sent > 0 THEN
      payload := payload || CASE WHEN value IS NULL THEN delimiter ELSE '' END || delimiter || '#' || sent;
    END IF;
    IF octet_length(payload) < ${payloadBytesMax} THEN
      PERFORM pg_notify('${messageChannel}', payload);
      RETURN;
    END IF;
  END IF;
  INSERT INTO ${at}.clacks_outbox (command, name, value) VALUES (command, name, value)
    RETURNING id INTO key;
  -- One notification of a transaction is enough where all goes this way; else each row has its turn.
  PERFORM pg_notify('${outboxChannel}', CASE WHEN is_durable THEN '*' ELSE key::text END);
END
$clacks$;`;

const positionTrigger = (at: string): string => `
CREATE OR REPLACE FUNCTION ${at}.clacks_outbox_position() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER ${pinned} AS $clacks$
BEGIN
  -- Called at the commit, and held until others see the rows: so positions have the order of commits.
  PERFORM pg_advisory_xact_lock(${lockClass}, ${lock.order});
  -- What is sent must not be gone after a crash: its position would be given to another row.
  IF current_setting('synchronous_commit') = 'off' THEN
    PERFORM set_config('synchronous_commit', 'on', true);
  END IF;
  UPDATE ${at}.clacks_outbox SET position = nextval(${quoteLiteral(`${at}.clacks_position`)}::regclass)
    WHERE id = NEW.id AND position IS NULL;
  RETURN NULL;
END
$clacks$;
-- So nobody can make it the trigger of a table of their own.
REVOKE EXECUTE ON FUNCTION ${at}.clacks_outbox_position() FROM PUBLIC;
DROP TRIGGER IF EXISTS clacks_outbox_position ON ${at}.clacks_outbox;
CREATE CONSTRAINT TRIGGER clacks_outbox_position AFTER INSERT ON ${at}.clacks_outbox
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ${at}.clacks_outbox_position();
-- Also for sessions whose triggers are off otherwise.
ALTER TABLE ${at}.clacks_outbox ENABLE ALWAYS TRIGGER clacks_outbox_position;`;

const callFunction = (at: string, name: keyof typeof calls): string => {
  const command = name.slice('clacks_'.length).toUpperCase();
  const isStep = command === 'INCREMENT' || command === 'DECREMENT';
  const hasValue = calls[name] === 'text, text';
  const value = isStep ? ", value text DEFAULT '1'" : hasValue ? ', value text' : '';
  return `
CREATE OR REPLACE FUNCTION ${at}.${name}(name text${value}) RETURNS void
LANGUAGE sql VOLATILE ${pinned} AS $clacks$
  SELECT ${at}.clacks_send('${command}', $1, ${hasValue ? '$2' : 'NULL'});
$clacks$;`;
};

const grants = (at: string, role: string): string => `
GRANT USAGE ON SCHEMA ${at} TO ${role};
GRANT SELECT ON ${at}.clacks_bridge TO ${role};
GRANT SELECT, DELETE ON ${at}.clacks_outbox TO ${role};
GRANT INSERT ON ${at}.clacks_signals TO ${role};`;

const transaction = (statements: string): string =>
  `BEGIN;
SET LOCAL client_min_messages = warning;
SELECT pg_advisory_xact_lock(${lockClass}, ${lock.install});${statements}
COMMIT;
`;

/** The SQL that installs, or upgrades: one transaction, that can be run again. */
export const installScript = ({ schema, durable, bridgeRole }: InstallOptions): string => {
  const at = quoteIdentifier(schema);
  return transaction(
    [
      guard(schema),
      tables(at, durable),
      sendFunction(at),
      positionTrigger(at),
      ...(Object.keys(calls) as (keyof typeof calls)[]).map((name) => callFunction(at, name)),
      bridgeRole === undefined ? '' : grants(at, quoteIdentifier(bridgeRole)),
    ].join(''),
  );
};

/**
 * The SQL that takes everything away again, in one transaction; the schema stays.
 *
 * @param force - Whether to drop what waits in the outbox, rather than to fail.
 */
export const uninstallScript = (schema: string, force: boolean): string => {
  const at = quoteIdentifier(schema);
  const check = `
DO $clacks$
BEGIN
  IF to_regclass(${quoteLiteral(`${at}.clacks_bridge`)}) IS NULL THEN
    RAISE EXCEPTION 'nothing is installed in this schema';
  END IF;
  LOCK TABLE ${at}.clacks_outbox IN ACCESS EXCLUSIVE MODE;
  IF ${force ? 'false' : `EXISTS (SELECT FROM ${at}.clacks_outbox)`} THEN
    RAISE EXCEPTION 'there are messages that have not been sent yet';
  END IF;
END
$clacks$;
DROP TABLE ${at}.clacks_outbox, ${at}.clacks_signals, ${at}.clacks_bridge;
DROP SEQUENCE ${at}.clacks_position;`;
  const drops = Object.entries(functions).map(
    ([name, types]) => `\nDROP FUNCTION ${at}.${name}(${types});`,
  );
  return transaction([check, ...drops].join(''));
};
