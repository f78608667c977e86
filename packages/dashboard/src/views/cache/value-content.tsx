import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { formatCount } from '../../ui/format.ts';
import { isNarrow } from '../../ui/narrow.ts';
import { useVirtualRows } from '../../ui/virtual-rows.ts';
import type { DecodedValue } from './decode-value.ts';
import { hexLine } from './hex.ts';
import { imageSize } from './image-size.ts';

/** How a value can be shown. */
export type ShownAs = 'text' | 'json' | 'image' | 'hex' | 'wire';

/** Characters that are shown at first: long texts take the browser some time. */
const firstCharacters = 100_000;

const Text = ({ text, label }: { readonly text: string; readonly label: string }): JSX.Element => {
  const [isWhole, setWhole] = useState(false);
  const isCut = !isWhole && text.length > firstCharacters;
  return (
    <div class="content">
      {/* It can be scrolled by keys. */}
      <pre tabIndex={0} role="region" aria-label={label}>
        {isCut ? text.slice(0, firstCharacters) : text}
      </pre>
      {isCut && (
        <button
          type="button"
          onClick={() => {
            setWhole(true);
          }}
        >
          Show all {formatCount(text.length)} characters
        </button>
      )}
    </div>
  );
};

/** Height of a line in pixels: that of `.hex-line`. */
const lineHeight = 22;

const HexDump = ({ bytes }: { readonly bytes: Uint8Array }): JSX.Element => {
  const scroller = useRef<HTMLDivElement>(null);
  const [width] = useState(() => (isNarrow.peek() ? 8 : 16));
  const { rows, height } = useVirtualRows(scroller, Math.ceil(bytes.length / width), lineHeight);
  return (
    <div class="content hex" ref={scroller} tabIndex={0} role="region" aria-label="Value as bytes">
      <div class="body" style={{ height: `${height}px` }}>
        {rows.map(({ index, start }) => {
          const { offset, hex, ascii } = hexLine(bytes, index, width);
          return (
            <div class="hex-line" key={index} style={{ transform: `translateY(${start}px)` }}>
              <span class="muted">{offset}</span>
              <span class={`hex-bytes-${width}`}>{hex}</span>
              <span>{ascii}</span>
            </div>
          );
        })}
      </div>
    </div>
  );
};

interface ImageProps {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly type: string;
}

const Picture = ({ bytes, type }: ImageProps): JSX.Element => {
  const [url, setUrl] = useState<string | undefined>(undefined);
  const [size, setSize] = useState('');
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([bytes], { type }));
    setUrl(made);
    return () => {
      URL.revokeObjectURL(made);
    };
  }, [bytes, type]);
  return (
    <div class="content image">
      {url !== undefined && (
        <img
          src={url}
          alt="The value"
          onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) => {
            setSize(`${naturalWidth} × ${naturalHeight} pixels`);
          }}
          onError={() => {
            setSize('The browser cannot show this image.');
          }}
        />
      )}
      <p class="muted">
        {type} {size}
      </p>
    </div>
  );
};

/** An image of more pixels is shown only if somebody wants that: a browser needs 4 bytes for each. */
const pixelsMax = 40_000_000;

/** Shows an image, unless that may take the browser more than it has. */
const Image = ({ bytes, type }: ImageProps): JSX.Element => {
  const [wanted, setWanted] = useState<Uint8Array | undefined>(undefined);
  const size = imageSize(bytes, type);
  const isSmall = size !== undefined && size.width * size.height <= pixelsMax;
  if (isSmall || wanted === bytes) return <Picture bytes={bytes} type={type} />;
  const what =
    size === undefined
      ? 'Its size cannot be read.'
      : `It has ${formatCount(size.width)} × ${formatCount(size.height)} pixels.`;
  return (
    <div class="content image">
      <p>{what} To show it may take this page all memory that it gets.</p>
      <button
        type="button"
        onClick={() => {
          setWanted(bytes);
        }}
      >
        Show it all the same
      </button>
    </div>
  );
};

/** The ways in which a value can be shown, the best one first. */
export const waysToShow = (decoded: DecodedValue): readonly ShownAs[] => {
  const { form, text, json, imageType } = decoded;
  return [
    ...(imageType === undefined ? [] : (['image'] as const)),
    ...(json === undefined ? [] : (['json'] as const)),
    ...(text === undefined ? [] : (['text'] as const)),
    'hex',
    ...(form === 'plain' ? [] : (['wire'] as const)),
  ];
};

/** A value in one of the ways that it can be shown. */
export const ValueContent = (props: {
  readonly decoded: DecodedValue;
  readonly shownAs: ShownAs;
}): JSX.Element => {
  const { wire, bytes, text = '', json = '', imageType = '' } = props.decoded;
  switch (props.shownAs) {
    case 'text':
      return <Text text={text} label="Value as text" />;
    case 'json':
      return <Text text={json} label="Value as JSON" />;
    case 'wire':
      return <Text text={wire} label="Value as it is on the wire" />;
    case 'hex':
      return <HexDump bytes={bytes} />;
    case 'image':
      return <Image bytes={bytes} type={imageType} />;
  }
};
