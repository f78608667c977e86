import type { JSX } from 'preact';
import { formatTime } from '../../ui/format.ts';
import { lagText, offsetText, placeWords, stateClass, stateWords } from './link-text.ts';
import { nodesOf } from './tree.ts';
import type { Tree, TreeNode } from './tree.ts';

const Row = ({ node }: { readonly node: TreeNode }): JSX.Element => {
  const { title, where, place, link } = node;
  const since = link?.lostAtMs === undefined ? '' : ` since ${formatTime(link.lostAtMs)}`;
  return (
    <tr>
      <th scope="row">{title}</th>
      <td>{placeWords[place]}</td>
      <td>{where}</td>
      <td class={link && stateClass(link)}>
        {link === undefined ? '–' : `${stateWords[link.state]}${since}`}
      </td>
      <td class="end">{link === undefined ? '–' : lagText(link)}</td>
      <td class="end">{link === undefined ? '–' : offsetText(link)}</td>
    </tr>
  );
};

/** The tree as a table: all that the picture shows. */
export const NodesTable = ({ tree }: { readonly tree: Tree }): JSX.Element => (
  <div class="nodes-table panel" tabIndex={0} role="region" aria-label="Nodes and links as a table">
    <table id="nodes-table">
      <thead>
        <tr>
          <th scope="col">Node</th>
          <th scope="col">Is</th>
          <th scope="col">Where</th>
          <th scope="col">Link</th>
          <th scope="col" class="end">
            Lag
          </th>
          <th scope="col" class="end">
            Clock
          </th>
        </tr>
      </thead>
      <tbody>
        {nodesOf(tree).map((node) => (
          <Row key={node.key} node={node} />
        ))}
      </tbody>
    </table>
  </div>
);
