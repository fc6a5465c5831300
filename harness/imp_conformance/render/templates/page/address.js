// What is shown, as the part of the address behind #: each choice and each open cell has one.

const SORTS = ["name", "clause", "failures"];
const DEPTHS = ["names", "clauses", "cases"];

function nothingChosen() {
  return { q: "", name: "", level: [], verdict: [], target: [], sort: "", rows: "", cell: "", on: "", unknown: [] };
}

function encode(text) {
  return encodeURIComponent(text).replace(/%2F/g, "/").replace(/%3A/g, ":");
}

function toAddress(state) {
  const parts = [];
  for (const key of ["q", "name", "level", "verdict", "target", "sort", "rows", "cell", "on"]) {
    for (const value of [state[key]].flat()) if (value !== "") parts.push(`${key}=${encode(value)}`);
  }
  return `#${parts.join("&")}`;
}

function cellAddress(item, target) {
  return `#cell=${encode(item.id)}&on=${encode(target.key)}`;
}

// What an address names and this page does not have is collected, so that the reader is told.
function fromAddress(hash) {
  const state = nothingChosen();
  const known = {
    q: () => true,
    name: (value) => ITEMS.get(value)?.kind === "name",
    level: (value) => LEVELS.includes(value),
    verdict: (value) => [...VERDICTS.values()].some(({ word }) => word === value),
    target: (value) => TARGETS_BY_KEY.has(value),
    sort: (value) => SORTS.includes(value),
    rows: (value) => DEPTHS.includes(value),
    cell: (value) => ITEMS.has(value),
    on: (value) => TARGETS_BY_KEY.has(value),
  };
  for (const part of hash.replace(/^#/, "").split("&")) {
    const [key, value] = halves(part);
    if (!Object.hasOwn(known, key) || value === "") continue;
    if (!known[key](value)) state.unknown.push(`${key} ${seen(value)}`);
    else if (Array.isArray(state[key])) state[key] = [...new Set([...state[key], value])];
    else state[key] = value;
  }
  if (state.cell === "" || state.on === "") state.cell = state.on = "";
  return state;
}

function halves(part) {
  const place = part.indexOf("=");
  const texts = place < 0 ? [part, ""] : [part.slice(0, place), part.slice(place + 1)];
  try {
    return texts.map((text) => decodeURIComponent(text.replace(/\+/g, " ")));
  } catch {
    return texts;
  }
}

// An address is a stranger's text too: what shows nothing in it is written out.
function seen(text) {
  return text.slice(0, 200).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (char) => `\\u{${char.codePointAt(0).toString(16)}}`);
}
