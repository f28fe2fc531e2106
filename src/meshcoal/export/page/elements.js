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

// A name as something of its own: its direction moves nothing around it.
function own(text) {
  return node("bdi", {}, text);
}

function listed(parts) {
  return parts.flatMap((part, i) => (i ? [WORDS[reading].comma, own(part)] : [own(part)]));
}

// Where a text comes from and who made and compared it, as far as it says.
function originSaid({ translatedFrom, translators, checkers }) {
  const values = { tongue: translatedFrom, names: translators };
  const made = translatedFrom ? (translators.length ? "page.translated_by" : "page.translated") : "page.written";
  return [
    ...(translatedFrom || translators.length ? said(made, values) : []),
    ...(checkers.length ? [" ", ...said("page.compared", { names: checkers })] : []),
  ];
}

function showTexts(texts) {
  put("texts", ...texts.map((text) => {
    const origin = originSaid(text);
    return node(
      "section",
      { lang: text.language, dir: text.direction, id: `text-${text.language}` },
      node("h2", {}, text.title),
      ...(origin.length
        ? [node("p", { class: "origin", lang: reading, dir: WORDS[reading].direction }, ...origin)] : []),
      ...text.paragraphs.map((paragraph) => node("p", {}, paragraph)),
    );
  }));
  put("languages", ...texts.flatMap((text, i) => {
    const link = node("a", { href: `#text-${text.language}` }, tongue(text.language));
    return i ? [" \u00b7 ", link] : [link];
  }));
  if (texts.length) document.title = texts[0].title;
}
