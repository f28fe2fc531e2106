// Signing in the page. Law: the letter that is shown is the one that is signed; nothing is kept, fetched or sent; what was
// typed enters the page as text, and leaves it sealed.

const CHANCE = (count) => globalThis.crypto.getRandomValues(new Uint8Array(count));
const SIGN_WORD = "sign";

function at(id) {
  return document.getElementById(id);
}

function show(id, shown = true) {
  at(id).hidden = !shown;
}

function offer(id, name, text) {
  const link = at(id);
  if (link.href) URL.revokeObjectURL(link.href);
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  link.download = name;
  link.textContent = `Save ${name}`;
}

function drawQr(text) {
  const rows = lib_qr_index.encodeQR(text, "raw", { ecc: "low", border: 4 }); // ISO/IEC 18004, section 5.3.8
  const path = rows.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : "")));
  const made = (name, attributes) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
  };
  const picture = made("svg", { viewBox: `0 0 ${rows.length} ${rows.length}`, "shape-rendering": "crispEdges", role: "img" });
  picture.append(made("path", { d: path.join("") }));
  return picture;
}

// --- What stands in the page before anybody signs

function readersInWords(readers) {
  const [needed, holders] = readers.split(" of ");
  if (holders === "1") return "one organiser, who alone holds the key of this call.";
  return `organisers of the coalition: ${holders} hold a part of the key, ${needed} of them have to agree.`;
}

// How a language is called, with its tag; browsers know the names.
function called(tag) {
  try {
    return `${new Intl.DisplayNames(["en"], { type: "language" }).of(tag)} (${tag})`;
  } catch {
    return tag;
  }
}

function showCall(call) {
  showTexts(call.text.texts);
  const addressees = call.text.addressees.map((line) => node("dd", {}, own(line)));
  put("facts",
    node("dt", {}, "Who asks"), node("dd", {}, own(call.asks)),
    ...(addressees.length ? [node("dt", {}, "To"), ...addressees] : []),
    node("dt", {}, "Sign until"), node("dd", {}, isoUtc(call.untilMs)),
    node("dt", {}, "Digest of the letter (SHA-256)"), node("dd", {}, node("code", {}, call.digest)));
  put("code", callCode(call));
  put("data", ...call.data.flatMap((line) => [own(line), " "]));
  put("readers", readersInWords(call.readers));
  put("reply-to", ...call.replyTo.map((line) => node("li", {}, own(line))));
  put("names", ...call.text.texts.map((text) => node("div", { class: "field" },
    node("label", { for: `name-${text.language}` }, "Name as it is written in ", called(text.language),
      " (if it is written otherwise there)"),
    node("input", { id: `name-${text.language}`, class: "name-in", "data-language": text.language, dir: "auto",
      autocomplete: "off" }))));
  at("read").append(...call.text.texts.map((text) => node("label", {},
    node("input", { type: "checkbox", name: "read", value: text.language }), " ", called(text.language), " ")));
}

function entered() {
  const line = (id, what) => {
    const clean = normaliseLine(at(id).value);
    return fits(clean, 0, LIMITS.name, what);
  };
  const capacity = at("capacity").value;
  const affiliated = capacity === "individual-affiliation-not-endorsing";
  return {
    capacity,
    name: fits(line("name", "The name"), 1, LIMITS.name, "The name"),
    title: line("title", "The title"),
    affiliation: affiliated ? fits(line("affiliation", "The affiliation"), 1, LIMITS.name, "The affiliation") : "",
    country: line("country", "The country"),
    names: [...document.querySelectorAll("input.name-in")]
      .map((field) => ({ language: field.dataset.language, name: normaliseLine(field.value) }))
      .filter((one) => fits(one.name, 0, LIMITS.name, "A name") !== "")
      .sort((one, other) => (one.language < other.language ? -1 : 1)),
    members: capacity === "network" ? members() : 0,
    mode: "named", logo: "", annex: "", condition: "",
    languagesRead: [...document.querySelectorAll("input[name=read]:checked")].map((box) => box.value).sort(),
    signedMs: Math.floor(Date.now() / 1000) * 1000,
  };
}

function members() {
  const count = Number(normaliseLine(at("members").value));
  if (!Number.isInteger(count) || count < 1 || count > LIMITS.networkMembers) refuse("Say how many members the network has");
  return count;
}

function agreed() {
  if (!at("consent").checked) refuse("Tick that you have read the letter and want it published so");
  if (at("word").value.trim().toLowerCase() !== SIGN_WORD) refuse(`Type ${SIGN_WORD} to sign`);
}

function told(place, work) {
  at(place).textContent = "";
  try {
    work();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    at(place).textContent = `Not done: ${error.message}.`;
  }
}

function signNow(call) {
  agreed();
  const entry = entered();
  if (entry.signedMs > call.text.deadlineMs) refuse("By the clock of this device the letter's deadline has passed");
  const seed = CHANCE(32);
  const made = signed(call, seed, entry, CHANCE);
  const stem = call.digest.slice(0, 8);
  at("reply").value = made.reply;
  offer("reply-file", `reply-${stem}.meshcoal-reply.txt`, inLines(made.reply));
  offer("key-file", `my-key-${stem}.meshcoal-key.txt`, keyFile(call.digest, made.signOn, seed));
  put("qr", made.reply.length <= QR_CHARS_MAX ? drawQr(made.reply)
    : "The reply is too long for a QR code: send the file or the text.");
  show("signing", false);
  show("done");
  at("done").scrollIntoView();
}

async function withdrawNow(call) {
  const [file] = at("key").files;
  const text = file && file.size <= 4_096 ? await file.text() : "";
  told("withdraw-trouble", () => {
    const kept = parseKeyFile(text);
    if (kept.digest !== call.digest) refuse("this key was made for another letter");
    const reply = takenBack(call, kept.seed, kept.signOn, Math.floor(Date.now() / 1000) * 1000, CHANCE);
    at("withdrawal").value = reply;
    offer("withdrawal-file", `withdrawal-${call.digest.slice(0, 8)}.meshcoal-reply.txt`, inLines(reply));
    show("withdrawn");
  });
}

async function copyReply() {
  const place = at("reply");
  place.select();
  try {
    await navigator.clipboard.writeText(place.value);
    put("copied", "Copied.");
  } catch {
    put("copied", "Select the text and copy it."); // browsers hand the clipboard out where they like
  }
}

function start() {
  const verdict = at("verdict");
  try {
    const call = parseCall(fromBase64(at("call").textContent));
    showCall(call);
    verdict.textContent = "Read it, then decide. Nobody has to sign, and nobody sees whether you did not.";
    at("capacity").addEventListener("change", () => {
      show("affiliation-field", at("capacity").value === "individual-affiliation-not-endorsing");
      show("members-field", at("capacity").value === "network");
    });
    at("sign").addEventListener("click", () => told("trouble", () => signNow(call)));
    at("withdraw").addEventListener("click", () => withdrawNow(call));
    at("copy").addEventListener("click", copyReply);
    show("signing");
    show("withdrawing");
    document.documentElement.dataset.ready = "yes";
  } catch (error) {
    verdict.className = "not-sound";
    verdict.textContent = error instanceof Refusal ? `Do not sign here: ${error.message}.`
      : `This page could not do its work here (${error.name}). Ask for the call as a file, for meshcoal.`;
  }
}

// What the page's own tests call.
globalThis.meshcoalAnswer = { parseCall, signed, normaliseLine, fromBase64, keyFile };

start();
