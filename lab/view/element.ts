import {
  type AllHTMLAttributes,
  type ComponentChildren,
  createElement,
  type JSX,
  type SVGAttributes,
  type VNode,
} from 'preact';

// One type for all elements: looking each up in `JSX.IntrinsicElements` takes the compiler minutes.
type Attributes = AllHTMLAttributes | SVGAttributes;

/** Makes an element of HTML or SVG; its attributes are checked by types, as those of JSX are. */
export function h(
  name: keyof JSX.IntrinsicElements,
  attributes: Attributes | null,
  children?: ComponentChildren,
): VNode {
  const all = Array.isArray(children) ? children : [children];
  return createElement(name as string, attributes, ...all) as VNode;
}
