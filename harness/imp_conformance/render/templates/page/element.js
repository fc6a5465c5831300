// Elements made of texts. A text is never read as markup here: there is no other way to make an element in this page.

function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null) element.setAttribute(name, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null));
  return element;
}

const VERDICT_CLASSES = new Map([...VERDICTS].map(([letter, { word }]) => [letter, `v-${letter === "." ? "unrun" : word}`]));

function verdictClass(letter) {
  return VERDICT_CLASSES.get(letter);
}

function counted(number, word) {
  return `${number} ${word}${number === 1 ? "" : "s"}`;
}
