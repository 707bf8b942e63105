// Elements made by hand: nothing that a file says ever becomes markup.
const SVG = new Set(["svg", "path", "circle"]);

export const at = (id) => document.getElementById(id);

/** An element with attributes (`on…` are listeners) and children: elements, texts, or null for none. */
export function el(name, attributes = {}, ...children) {
  const made = SVG.has(name) ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value);
  }
  put(made, ...children);
  return made;
}

export function put(place, ...children) {
  place.replaceChildren(...children.filter((child) => child !== null && child !== undefined && child !== false));
}
