// What a reader sees. Law: everything shown is rebuilt from the bytes that were checked; texts enter the page as text,
// never as markup.

const GROUPS = Object.freeze([
  ["organisation", "letter.organisations"],
  ["network", "letter.networks"],
  ["individual", "letter.individuals"],
  ["individual-affiliation-not-endorsing", "letter.affiliated"],
]);

function fact(key, ...values) {
  return [node("dt", {}, ...said(key)), ...values.map((value) => node("dd", {}, ...value))];
}

function showFacts(report) {
  const { text } = report;
  put("facts",
    ...(text?.addressees.length ? fact("letter.to", ...text.addressees.map((line) => [own(line)])) : []),
    ...(text ? fact("letter.deadline", [moment(text.deadlineMs)]) : []),
    ...(text?.version > 1 ? fact("letter.version", [spellNumber(text.version)]) : []),
    ...(report.releasedMs >= 0 ? fact("letter.released", [moment(report.releasedMs)]) : []),
    ...(report.notBeforeMs ? fact("letter.embargo", [moment(report.notBeforeMs)]) : []),
    ...fact("page.hold", talliedInWords(report.counts)),
    ...(report.digest ? fact("letter.digest", [coded(report.digest)]) : []));
}

function talliedInWords(counts) {
  const { organisations, individuals, withdrawn, since, addenda, onPaper: count, witnesses, unnamed } = counts;
  const comma = WORDS[reading].comma;
  return [
    ...said("page.organisations", { count: organisations }), comma, ...said("page.individuals", { count: individuals }),
    ...(unnamed ? [comma, ...said("page.unnamed", { count: unnamed })] : []),
    ...(withdrawn ? [comma, ...said("page.withdrawn", { count: withdrawn })] : []),
    ...(addenda ? [comma, ...said("page.since", { count: since }), comma, ...said("page.addenda", { count: addenda })] : []),
    ...(count ? [comma, ...said("page.on_paper", { count, witnesses })] : []),
  ];
}

// What stands on a signatory's line: the same parts as export/naming.py.
function shownParts(entry, languages) {
  if (entry.mode === "addressee") return [said("page.to_addressee")];
  const names = new Map(entry.names.map((one) => [one.language, one.name]));
  const tags = languages.flatMap((language) => [language, language.split("-")[0]]);
  const first = tags.map((tag) => names.get(tag)).find((name) => name !== undefined) ?? entry.name;
  const others = [entry.name, ...entry.names.map((one) => one.name)].filter((name) => name !== first);
  const typed = [first, ...new Set(others), entry.title, entry.affiliation, entry.country];
  return [
    ...typed.filter((part) => part !== "").map((part) => [own(part)]),
    ...(entry.mode === "role" ? [said("page.by_role")] : []),
    ...(entry.members ? [said("page.on_behalf", { count: entry.members })] : []),
  ];
}

// In which languages the name is looked for: the chosen one, those that the browser tells, then the letter's first.
function readersLanguages(report) {
  const told = (navigator.languages ?? []).map((tag) => tag.toLowerCase());
  return [reading, ...told, ...(report.text ? [report.text.texts[0].language] : [])];
}

function signatory(entry, languages) {
  const line = node("li", {}, ...shownParts(entry, languages).flatMap((part, i) => (
    i ? [WORDS[reading].comma, ...part] : part)));
  if (entry.png) line.prepend(node("img", { alt: "", src: `data:image/png;base64,${entry.png}` }), " ");
  if (entry.addendum) line.append(" ", node("em", {}, ...said("page.in_addendum", { number: entry.addendum })));
  if (!entry.holds) line.append(" ", node("strong", { class: "bad" }, ...said("page.bad")));
  else if (entry.withdrawn) line.append(" ", node("em", {}, ...said("letter.withdrew")));
  return line;
}

function byName(one, other) {
  return byCodePoint(one.name, other.name) || byCodePoint(one.key, other.key);
}

function showSignatories(report) {
  const parts = [];
  const languages = readersLanguages(report);
  for (const [capacity, heading] of GROUPS) {
    const members = report.signatories.filter((entry) => entry.capacity === capacity).sort(byName);
    if (members.length) {
      parts.push(node("h3", {}, ...said(heading), ` (${spellNumber(members.length)})`), node("ul", {}, ...members.map((entry) => signatory(entry, languages))));
    }
  }
  put("signatories", ...parts, ...shownOnPaper(report));
  put("keys", ...[...report.signatories].sort(byName).map((entry) => node(
    "li", {}, ...SHOWN.name(entry.name), " ", coded(entry.key), " ", node("bdi", { dir: "ltr" }, spellTime(entry.signedMs)),
  )), ...shownScans(report));
}

function showFindings(report) {
  const line = (severity, key, values) => node(
    "li", { class: severity }, node("strong", {}, ...said(`page.${severity}`)), ": ", ...said(key, values));
  const lines = report.findings.map(({ code, severity, key, values }) => {
    const made = line(severity, `finding.${key}`, values);
    made.append(" (", coded(code), ")");
    return made;
  });
  put("findings", ...lines,
    ...report.disagreements.map(({ key, values }) => line("problem", `page.judges.${key}`, values)));
}

function tell(look, key, values) {
  const place = document.getElementById("verdict");
  place.className = look;
  place.replaceChildren(...said(key, values));
}

function showVerdict(report) {
  const wrong = report.findings.filter((finding) => finding.severity === "problem").length
    + report.disagreements.length;
  if (report.sound) tell("sound", "page.sound");
  else tell("not-sound", "page.not_sound", { count: wrong });
}

function show(report) {
  showTexts(report.text?.texts ?? []);
  showFacts(report);
  showSignatories(report);
  showFindings(report);
  const unknown = [...saidAll("letter.cannot_know"), ...(report.onPaper.length ? ["letter.cannot_know_of_paper"] : [])];
  put("cannot-know", ...unknown.map((key) => node("li", {}, ...said(key))));
  showVerdict(report);
}

function packageBytes(base64) {
  return fromBase64(base64) ?? new Uint8Array(0); // refused as no package
}

async function start() {
  const embedded = document.querySelectorAll("script#package");
  const bytes = embedded.length === 1 ? packageBytes(embedded[0].textContent) : new Uint8Array(0);
  let redraw = () => tell("", "page.checking");
  delete document.getElementById("verdict").dataset.word;
  const began = performance.now();
  try {
    offerLanguages(() => redraw());
    redraw();
    const report = await examine(bytes);
    redraw = () => show(report);
    redraw();
    document.documentElement.dataset.checkedMs = String(Math.round(performance.now() - began));
  } catch (error) {
    // A bug of ours, or a browser that lacks something: nothing unchecked may look checked.
    redraw = () => tell("not-sound", "page.unable", { detail: error.name });
    redraw();
  }
}

// The same check on other bytes: what the page's own tests and other people's call.
globalThis.meshcoalExamine = async (base64) => JSON.stringify(await examine(packageBytes(base64)));

start();
