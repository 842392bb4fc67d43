import { type ComponentChildren, createElement, type JSX, type VNode } from 'preact';

type Elements = JSX.IntrinsicElements;

/** Makes an element of HTML or SVG; its attributes are checked by types, as those of JSX are. */
export function h<Name extends keyof Elements>(
  name: Name,
  attributes: Elements[Name] | null,
  children?: ComponentChildren,
): VNode {
  const all = Array.isArray(children) ? children : [children];
  return createElement(name as string, attributes, ...all) as VNode;
}
