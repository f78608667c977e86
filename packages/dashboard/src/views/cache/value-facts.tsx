import type { ApiCacheValue } from 'clacks/admin-api';
import type { JSX } from 'preact';
import { overview } from '../../state/node.ts';
import { formatBytes, formatDateTime, formatDuration } from '../../ui/format.ts';
import type { DecodedValue } from './decode-value.ts';

/** By the clock of the node, which need not be that of the browser. */
const Age = ({ atMs }: { readonly atMs: number }): JSX.Element => {
  const node = overview.value;
  const ageMs = node === undefined ? undefined : node.startedAtMs + node.uptimeMs - atMs;
  return (
    <>
      {ageMs !== undefined && `${formatDuration(Math.floor(Math.max(0, ageMs) / 1000) * 1000)} ago`}
      <br />
      <span class="muted">{formatDateTime(atMs)}</span>
    </>
  );
};

const contentOf = ({ form, text }: DecodedValue, { isCounter }: ApiCacheValue): string => {
  if (isCounter) return 'counter';
  if (form === 'yaml') return 'structured data (YAML), as base64';
  const what = text === undefined ? 'bytes' : 'text';
  return form === 'base64' ? `${what}, as base64` : what;
};

/** What there is to know of a value beside itself. */
export const ValueFacts = (props: {
  readonly value: ApiCacheValue;
  readonly decoded: DecodedValue;
}): JSX.Element => {
  const { value, decoded } = props;
  const { bytes, writtenAtMs, usedAtMs } = value;
  const isEncoded = decoded.form !== 'plain' && !value.isTruncated;
  return (
    <dl class="facts">
      <div>
        <dt>Content</dt>
        <dd>{contentOf(decoded, value)}</dd>
      </div>
      <div>
        <dt>Size</dt>
        <dd>
          {formatBytes(isEncoded ? decoded.bytes.length : bytes)}
          {isEncoded && (
            <>
              <br />
              <span class="muted">{formatBytes(bytes)} on the wire</span>
            </>
          )}
        </dd>
      </div>
      <div>
        <dt>Written</dt>
        <dd>
          <Age atMs={writtenAtMs} />
        </dd>
      </div>
      <div>
        <dt>Last used</dt>
        <dd>
          <Age atMs={usedAtMs} />
        </dd>
      </div>
    </dl>
  );
};
