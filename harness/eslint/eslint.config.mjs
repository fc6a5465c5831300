// ESLint's recommended rules for the page's scripts, which share one scope, and for the modules that Node.js runs.

import { readdirSync, readFileSync } from "node:fs";

import js from "@eslint/js";
import { parse } from "espree";
import globals from "globals";

const PAGE = "imp_conformance/render/templates/page"; // ESLint is started in harness/
const LATEST = { ecmaVersion: "latest" };

function namesIn(pattern) {
  if (pattern.type === "Identifier") return [pattern.name];
  return pattern.properties.map(({ value }) => value.name); // const { one, other } = ...
}

function declaredBy(statement) {
  if (statement.type === "FunctionDeclaration" || statement.type === "ClassDeclaration") return [[statement.id.name, "readonly"]];
  if (statement.type !== "VariableDeclaration") return [];
  const access = statement.kind === "const" ? "readonly" : "writable";
  return statement.declarations.flatMap(({ id }) => namesIn(id)).map((name) => [name, access]);
}

// The page holds all of these files in one function, so that a name of one may be used in the others.
const scripts = readdirSync(PAGE)
  .filter((name) => name.endsWith(".js"))
  .map((name) => {
    const source = readFileSync(`${PAGE}/${name}`, "utf-8");
    return { name, source, declared: parse(source, LATEST).body.flatMap(declaredBy) };
  });

function pageScript({ name, declared }) {
  const others = scripts.filter((script) => script.name !== name);
  const elsewhere = others.map(({ source }) => source).join("\n");
  const shared = declared.map(([one]) => one).filter((one) => new RegExp(`\\b${one}\\b`).test(elsewhere));
  return {
    files: [`**/page/${name}`],
    languageOptions: {
      sourceType: "script",
      globals: { ...globals.browser, ...Object.fromEntries(others.flatMap((script) => script.declared)) },
    },
    rules: { "no-unused-vars": ["error", { varsIgnorePattern: `^(?:${shared.join("|")})$` }] },
  };
}

export default [
  js.configs.recommended,
  { rules: { "no-var": "error", eqeqeq: "error" } },
  ...scripts.map(pageScript),
  { files: ["**/*.mjs"], languageOptions: { globals: globals.node } },
];
