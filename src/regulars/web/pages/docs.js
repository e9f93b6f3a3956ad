// The reference that people read and try, drawn from /v1/openapi.json. Nothing comes from elsewhere.

const content = document.getElementById("content");
const keyField = document.getElementById("key");
const KEY = "regulars-api-key";

/** Make an element: attributes, then children; a text is a text, never markup. */
function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(attribute, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** Turn `code` into an element; the rest stays text. */
function words(text) {
  return text.split(/(`[^`]+`)/).map((piece) => (piece.startsWith("`") ? make("code", {}, piece.slice(1, -1)) : piece));
}

/** Turn a description into elements: its paragraphs, and its lists of lines that begin with a dash. */
function prose(text = "") {
  return text.split(/\n\n+/).filter(Boolean).map((paragraph) => {
    const lines = paragraph.split("\n");
    if (!lines.every((line) => line.startsWith("- "))) return make("p", {}, ...words(paragraph));
    return make("ul", {}, ...lines.map((line) => make("li", {}, ...words(line.slice(2)))));
  });
}

const nameOf = (reference) => reference.split("/").pop();

/** Return where a schema is explained; those that belong to another one bear its name too. */
const anchorOf = (reference) => `schema-${reference.split("/").slice(3).filter((part) => part !== "$defs").join(".")}`;

/** Say in a few words what a schema accepts; references become links. */
function kind(schema) {
  if (!schema) return ["anything"];
  if (schema.$ref) return [make("a", { href: `#${anchorOf(schema.$ref)}` }, nameOf(schema.$ref))];
  if (schema.contentSchema) return ["YAML that says a ", ...kind(schema.contentSchema)];
  const options = schema.anyOf ?? schema.oneOf;
  if (options) return options.flatMap((option, index) => [index ? " or " : "", ...kind(option)]);
  if (schema.enum) return [schema.enum.map((value) => JSON.stringify(value)).join(" | ")];
  if (schema.type === "array") return ["list of ", ...kind(schema.items ?? schema.prefixItems?.[0])];
  if (schema.type === "object" && schema.additionalProperties) return ["names → ", ...kind(schema.additionalProperties)];
  return [[schema.type, schema.format && `(${schema.format})`].filter(Boolean).join(" ") || "anything"];
}

const BOUNDS = { minimum: "≥ ", maximum: "≤ ", minLength: "length ≥ ", maxLength: "length ≤ ", maxItems: "at most ", minItems: "at least ", pattern: "matches " };

function bounds(schema) {
  return Object.entries(BOUNDS).filter(([name]) => schema[name] !== undefined).map(([name, words]) => words + schema[name]).join(", ");
}

function fields(schema) {
  const rows = Object.entries(schema.properties ?? {}).map(([name, field]) =>
    make("tr", {},
      make("td", {}, name, (schema.required ?? []).includes(name) ? " *" : ""),
      make("td", {}, ...kind(field)),
      make("td", {}, [field.description, bounds(field), field.default !== undefined ? `default ${JSON.stringify(field.default)}` : ""].filter(Boolean).join(" · "))));
  const head = make("tr", {}, ...["Field", "Kind", "Notes"].map((text) => make("th", { scope: "col" }, text)));
  return rows.length ? [make("table", {}, make("thead", {}, head), make("tbody", {}, ...rows))] : [make("p", {}, ...kind(schema))];
}

function parameters(list) {
  if (!list?.length) return [];
  const rows = list.map((parameter) =>
    make("tr", {},
      make("td", {}, parameter.name, parameter.required ? " *" : ""),
      make("td", {}, parameter.in),
      make("td", {}, ...kind(parameter.schema)),
      make("td", {}, [parameter.description, bounds(parameter.schema)].filter(Boolean).join(" · "))));
  const head = make("tr", {}, ...["Parameter", "In", "Kind", "Notes"].map((text) => make("th", { scope: "col" }, text)));
  return [make("h3", {}, "Parameters"), make("table", {}, make("thead", {}, head), make("tbody", {}, ...rows))];
}

function contentOf(described) {
  return Object.entries(described?.content ?? {}).flatMap(([media, { schema, example }]) => [
    make("p", {}, make("code", {}, media), " ", ...kind(schema)),
    example === undefined ? null : make("pre", { tabindex: "0" }, typeof example === "string" ? example : JSON.stringify(example, null, 2)),
  ]);
}

function responses(described) {
  return Object.entries(described).flatMap(([status, response]) => {
    if (status < "300") return [make("h3", {}, make("span", { class: "good" }, status), " ", response.description), ...contentOf(response)];
    const codes = Object.keys(Object.values(response.content)[0].examples ?? {});
    return [make("p", {}, make("span", { class: "bad" }, status), " ", ...codes.flatMap((code) => [make("a", { href: `#problem-${code}` }, code), " "]))];
  });
}

function curl(method, url, headers, body) {
  const quote = (text) => `'${text.replaceAll("'", `'\\''`)}'`;
  const parts = [`curl -X ${method} ${quote(location.origin + url)}`];
  for (const [name, value] of Object.entries(headers)) {
    parts.push(`-H ${quote(name === "Authorization" ? "Authorization: Bearer $REGULARS_KEY" : `${name}: ${value}`)}`);
  }
  if (body) parts.push(`-d ${quote(body)}`);
  return parts.join(" \\\n  ").replace("'Authorization: Bearer $REGULARS_KEY'", `"Authorization: Bearer $REGULARS_KEY"`);
}

function freshKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The form that sends a call and shows its answer. */
function tryIt(path, method, operation) {
  const inputs = (operation.parameters ?? []).map((parameter) => {
    const input = make("input", { id: `p-${parameter.name}`, value: parameter.name === "Idempotency-Key" ? freshKey() : "", placeholder: parameter.example ?? "" });
    return { parameter, input };
  });
  const medias = Object.entries(operation.requestBody?.content ?? {});
  const body = make("textarea", { id: "p-body", spellcheck: "false" });
  const media = make("select", { id: "p-media" }, ...medias.map(([name]) => make("option", {}, name)));
  const fill = () => {
    const example = operation.requestBody?.content[media.value]?.example;
    body.value = typeof example === "string" ? example : JSON.stringify(example ?? {}, null, 2);
  };
  if (medias.length) { media.addEventListener("change", fill); fill(); }
  const answer = make("div", { role: "status", "aria-live": "polite" });
  const button = make("button", { type: "submit" }, "Send");
  const form = make("form", { class: "try" },
    make("h3", {}, "Try it"),
    ...inputs.map(({ parameter, input }) => make("div", { class: "field" }, make("label", { for: input.id }, parameter.name), input)),
    medias.length > 1 ? make("div", { class: "field" }, make("label", { for: "p-media" }, "Content-Type"), media) : null,
    medias.length ? make("label", { for: "p-body" }, "Body") : null,
    medias.length ? body : null,
    make("div", {}, button),
    answer);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    const request = build(path, operation, inputs, medias.length ? media.value : null, body.value);
    try {
      await send(method, request, answer);
    } finally {
      button.disabled = false;
      for (const { parameter, input } of inputs) if (parameter.name === "Idempotency-Key") input.value = freshKey();
    }
  });
  return form;
}

function build(path, operation, inputs, media, body) {
  const headers = {};
  const query = new URLSearchParams();
  let url = path;
  for (const { parameter, input } of inputs) {
    const value = input.value || (parameter.in === "path" ? String(parameter.example ?? "") : "");
    if (!value) continue;
    if (parameter.in === "path") url = url.replace(`{${parameter.name}}`, encodeURIComponent(value));
    else if (parameter.in === "query") query.set(parameter.name, value);
    else headers[parameter.name] = value;
  }
  if (operation.security && keyField.value) headers.Authorization = `Bearer ${keyField.value}`;
  if (media) headers["Content-Type"] = media;
  if ([...query].length) url += `?${query}`;
  return { url, headers, body: media ? body : undefined };
}

async function send(method, { url, headers, body }, answer) {
  answer.replaceChildren("Sending …");
  try {
    const started = performance.now();
    const response = await fetch(url, { method, headers, body });
    const text = await response.text();
    const spent = Math.round(performance.now() - started);
    const shown = ["Idempotent-Replayed", "RateLimit", "Retry-After", "X-Request-Id"].filter((name) => response.headers.has(name)).map((name) => `${name}: ${response.headers.get(name)}`);
    answer.replaceChildren(
      make("p", {}, make("strong", { class: response.ok ? "good" : "bad" }, `${response.status} ${response.statusText}`), ` in ${spent} ms`),
      make("pre", { tabindex: "0" }, pretty(text)),
      make("p", { class: "quiet" }, shown.join(" · ")),
      make("pre", { tabindex: "0" }, curl(method, url, headers, body)));
  } catch (error) {
    answer.replaceChildren(make("p", { class: "bad" }, `The server did not answer: ${error.message}`));
  }
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function call(path, method, operation) {
  return [
    make("h2", {}, operation.summary),
    make("p", { class: "address" }, make("span", { class: "method" }, method), ` ${path}`),
    operation["x-scope"] ? make("p", {}, make("span", { class: "tag" }, operation["x-scope"])) : null,
    ...prose(operation.description),
    ...parameters(operation.parameters),
    operation.requestBody ? make("h3", {}, "Body") : null,
    ...contentOf(operation.requestBody),
    make("h3", {}, "Answers"),
    ...responses(operation.responses),
    tryIt(path, method, operation),
  ];
}

function problems(examples) {
  const found = Object.values(examples).map(({ value }) => value);
  return [make("h2", {}, "Problems"), ...found.sort((a, b) => a.code.localeCompare(b.code)).flatMap((problem) => [
    make("h3", { id: `problem-${problem.code}` }, problem.code, " ", make("span", { class: "quiet" }, problem.status)),
    make("p", {}, problem.title, ". ", problem.hint),
  ])];
}

function schemas(components) {
  const named = Object.entries(components.schemas).flatMap(([name, schema]) => [
    [name, schema],
    ...Object.entries(schema.$defs ?? {}).map(([inner, part]) => [`${name}.${inner}`, part]),
  ]);
  return [make("h2", {}, "Schemas"), ...named.flatMap(([name, schema]) => [
    make("h3", { id: `schema-${name}` }, name), ...prose(schema.description), ...fields(schema),
  ])];
}

function list(calls) {
  const holder = document.getElementById("calls");
  const filter = document.getElementById("filter");
  const draw = () => {
    const wanted = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    const shown = calls.filter(({ path, method, operation }) => {
      const text = `${method} ${path} ${operation.summary} ${operation.tags}`.toLowerCase();
      return wanted.every((word) => text.includes(word));
    });
    const tags = [...new Set(shown.map(({ operation }) => operation.tags[0]))];
    holder.replaceChildren(...tags.flatMap((tag) => [
      make("h2", {}, tag),
      make("ul", {}, ...shown.filter(({ operation }) => operation.tags[0] === tag).map(({ method, operation }) =>
        make("li", {}, make("a", { href: `#${operation.operationId}`, "aria-current": location.hash === `#${operation.operationId}` ? "page" : undefined },
          make("span", { class: "method" }, method), make("span", {}, operation.summary))))),
    ]));
  };
  filter.addEventListener("input", draw);
  addEventListener("hashchange", draw);
  draw();
}

function show(specification, calls) {
  const anchor = location.hash.slice(1);
  const found = calls.find(({ operation }) => operation.operationId === anchor);
  if (anchor === "schemas" || anchor.startsWith("schema-")) content.replaceChildren(...schemas(specification.components));
  else if (anchor === "problems" || anchor.startsWith("problem-")) content.replaceChildren(...problems(specification.components.examples));
  else if (found) content.replaceChildren(...call(found.path, found.method, found.operation).filter(Boolean));
  else content.replaceChildren(make("h2", {}, specification.info.title), make("p", {}, specification.info.summary), ...prose(specification.info.description), ...prose(specification.components.securitySchemes.key.description));
  document.getElementById(anchor)?.scrollIntoView();
}

async function start() {
  keyField.value = sessionStorage.getItem(KEY) ?? "";
  keyField.addEventListener("input", () => sessionStorage.setItem(KEY, keyField.value));
  document.getElementById("key-form").addEventListener("submit", (event) => event.preventDefault());
  const specification = await (await fetch("/v1/openapi.json")).json();
  document.getElementById("version").textContent = specification.info.version;
  const calls = Object.entries(specification.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })));
  const order = specification.tags.map(({ name }) => name);
  calls.sort((a, b) => order.indexOf(a.operation.tags[0]) - order.indexOf(b.operation.tags[0]));
  list(calls);
  addEventListener("hashchange", () => { show(specification, calls); content.focus(); });
  show(specification, calls);
}

start().catch((error) => content.replaceChildren(make("p", { class: "bad" }, `The reference could not be loaded: ${error.message}`)));
