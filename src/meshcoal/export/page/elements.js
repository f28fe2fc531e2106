// What pages are built of. Law: texts enter a page as text, never as markup.

function node(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function put(id, ...children) {
  document.getElementById(id).replaceChildren(...children);
}

function plural(count, one, many) {
  return `${count} ${count === 1 ? one : many}`;
}

// A name as something of its own: its direction moves nothing around it.
function own(text) {
  return node("bdi", {}, text);
}

function listed(parts) {
  return parts.flatMap((part, i) => (i ? [", ", own(part)] : [own(part)]));
}

function originSaid(text) {
  const said = text.translatedFrom ? [`Translated from ${text.translatedFrom}`] : [];
  if (text.translators.length) said.push(`${said.length ? "by" : "Written by"} ${text.translators.join(", ")}`);
  const compared = text.checkers.length ? `; compared by ${text.checkers.join(", ")}` : "";
  return said.length ? `${said.join(" ")}${compared}.` : "";
}

function showTexts(texts) {
  put("texts", ...texts.map((text) => node(
    "section",
    { lang: text.language, dir: text.direction, id: `text-${text.language}` },
    node("h2", {}, text.title),
    ...(originSaid(text) ? [node("p", { class: "origin", lang: "en", dir: "ltr" }, originSaid(text))] : []),
    ...text.paragraphs.map((paragraph) => node("p", {}, paragraph)),
  )));
  put("languages", ...texts.flatMap((text, i) => {
    const link = node("a", { href: `#text-${text.language}` }, text.language);
    return i ? [" \u00b7 ", link] : [link];
  }));
  if (texts.length) document.title = texts[0].title;
}
