// A logo: a small still PNG with nothing in it but the picture. Law: takes exactly what wire/logo.py takes.

const PNG_START = Object.freeze([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const PNG_DRAWS = Object.freeze(["IHDR", "PLTE", "tRNS", "IDAT", "IEND"]);
const PNG_DEPTHS = Object.freeze({ 0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16] });

function bigEndian(bytes, at) {
  return ((bytes[at] * 256 + bytes[at + 1]) * 256 + bytes[at + 2]) * 256 + bytes[at + 3];
}

function pngChunks(bytes) {
  if (!PNG_START.every((byte, i) => bytes[i] === byte)) refuse("a logo is not a PNG");
  const chunks = [];
  for (let at = PNG_START.length; at < bytes.length;) {
    const end = at + 12 + bigEndian(bytes, at);
    if (!(end <= bytes.length)) refuse("a logo ends too soon");
    chunks.push([String.fromCharCode(...bytes.subarray(at + 4, at + 8)), bytes.subarray(at + 8, end - 4)]);
    at = end;
  }
  return chunks;
}

function checkLogo(bytes) {
  const chunks = pngChunks(bytes);
  const places = chunks.map(([kind]) => PNG_DRAWS.indexOf(kind));
  if (places.some((place, i) => place < 0 || (i > 0 && place < places[i - 1]))) {
    refuse("a logo holds something beside its picture");
  }
  const times = (kind) => chunks.filter(([other]) => other === kind).length;
  if (times("IHDR") !== 1 || times("IEND") !== 1 || !times("IDAT")) refuse("a logo is not a PNG");
  const head = chunks[0][1];
  if (head.length !== 13) refuse("a logo is not a PNG");
  const fitting = (side) => side >= 1 && side <= LIMITS.logoSide;
  if (!fitting(bigEndian(head, 0)) || !fitting(bigEndian(head, 4))) refuse("a logo has too many pixels");
  const [depth, colour, packing, filtering, interlace] = head.subarray(8);
  if (!PNG_DEPTHS[colour]?.includes(depth) || packing || filtering || interlace > 1) refuse("a logo is not a PNG");
}
