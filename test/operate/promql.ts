import { parser } from '@prometheus-io/lezer-promql';
import type { SyntaxNode } from '@lezer/common';

/** A label that a selector asks for; a value only where it is exactly that one. */
export interface Matcher {
  readonly label: string;
  readonly value: string | undefined;
}

/** A metric that an expression reads. */
export interface Selector {
  readonly metric: string;
  readonly matchers: readonly Matcher[];
}

/** What an expression of PromQL is about. */
export interface Expression {
  readonly selectors: readonly Selector[];
  /** Labels that it groups or joins by. */
  readonly groupedBy: readonly string[];
}

const nodesOf = (top: SyntaxNode): SyntaxNode[] => {
  const nodes: SyntaxNode[] = [];
  top.cursor().iterate((node) => {
    nodes.push(node.node);
  });
  return nodes;
};

/**
 * Reads PromQL as Prometheus does.
 *
 * @throws SyntaxError if it does not.
 */
export const readPromql = (text: string): Expression => {
  const textOf = (node: SyntaxNode | null): string =>
    node === null ? '' : text.slice(node.from, node.to);
  const all = nodesOf(parser.parse(text).topNode);
  const broken = all.find(({ type }) => type.isError);
  if (broken !== undefined) throw new SyntaxError(`at ${broken.from}: ${text}`);
  const named = (nodes: SyntaxNode[], name: string): SyntaxNode[] =>
    nodes.filter((node) => node.name === name);
  const selectors = named(all, 'VectorSelector').map((selector) => ({
    metric: textOf(selector.getChild('Identifier')),
    matchers: named(nodesOf(selector), 'UnquotedLabelMatcher').map((matcher) => {
      const isExact = matcher.getChild('MatchOp')?.getChild('EqlSingle') !== null;
      const value = textOf(matcher.getChild('StringLiteral')).slice(1, -1);
      return {
        label: textOf(matcher.getChild('LabelName')),
        value: isExact ? value : undefined,
      };
    }),
  }));
  const groupedBy = named(all, 'GroupingLabels').flatMap((labels) =>
    labels.getChildren('LabelName').map(textOf),
  );
  return { selectors, groupedBy };
};
