// SHA-256 and SHA-512 (FIPS 180-4), for browsers that hand out no WebCrypto. Law: bytes in, bytes out, nothing kept.
//
// The constants are computed as the standard defines them: the first bits of the fractional parts of the square and
// cube roots of the first primes. Those of SHA-256 are the upper halves of those of SHA-512.

function fractionOfRoot(prime, power) {
  // floor(prime^(1/power) * 2^64) by bisection; its lower 64 bits are the fraction.
  const wanted = BigInt(prime) << BigInt(64 * power);
  let low = 0n;
  let high = 1n << 70n;
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (middle ** BigInt(power) <= wanted) low = middle;
    else high = middle;
  }
  return low & 0xffffffffffffffffn;
}

function firstPrimes(count) {
  const found = [];
  for (let candidate = 2; found.length < count; candidate += 1) {
    if (found.every((prime) => candidate % prime)) found.push(candidate);
  }
  return found;
}

function halves(values) {
  return {
    high: Uint32Array.from(values, (value) => Number(value >> 32n)),
    low: Uint32Array.from(values, (value) => Number(value & 0xffffffffn)),
  };
}

const PRIMES = firstPrimes(80);
const ROUND = halves(PRIMES.map((prime) => fractionOfRoot(prime, 3)));
const START = halves(PRIMES.slice(0, 8).map((prime) => fractionOfRoot(prime, 2)));

function padded(message, blockBytes) {
  const lengthBytes = blockBytes / 8;
  const total = Math.ceil((message.length + 1 + lengthBytes) / blockBytes) * blockBytes;
  const data = new Uint8Array(total);
  data.set(message);
  data[message.length] = 0x80;
  const view = new DataView(data.buffer);
  view.setUint32(total - 8, Math.floor(message.length / 0x20000000));
  view.setUint32(total - 4, message.length * 8);
  return view;
}

function sha256(message) {
  const view = padded(message, 64);
  const state = START.high.slice();
  const w = new Uint32Array(64);
  const rotated = (x, n) => (x >>> n) | (x << (32 - n));
  for (let at = 0; at < view.byteLength; at += 64) {
    for (let i = 0; i < 16; i += 1) w[i] = view.getUint32(at + 4 * i);
    for (let i = 16; i < 64; i += 1) {
      const s0 = rotated(w[i - 15], 7) ^ rotated(w[i - 15], 18) ^ (w[i - 15] >>> 3);
      const s1 = rotated(w[i - 2], 17) ^ rotated(w[i - 2], 19) ^ (w[i - 2] >>> 10);
      w[i] = w[i - 16] + s0 + w[i - 7] + s1;
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 64; i += 1) {
      const sum1 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25);
      const t1 = (h + sum1 + ((e & f) ^ (~e & g)) + ROUND.high[i] + w[i]) | 0;
      const sum0 = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22);
      const t2 = (sum0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((value, i) => { state[i] += value; });
  }
  const out = new DataView(new ArrayBuffer(32));
  state.forEach((value, i) => out.setUint32(4 * i, value));
  return new Uint8Array(out.buffer);
}

// 64-bit words are kept as two halves of 32 bits, since numbers hold 53 bits and BigInt is slow.
function sha512(message) {
  const view = padded(message, 128);
  const high = START.high.slice();
  const low = START.low.slice();
  const wh = new Uint32Array(80);
  const wl = new Uint32Array(80);
  const over = (sum) => Math.floor(sum / 0x100000000);
  for (let at = 0; at < view.byteLength; at += 128) {
    for (let i = 0; i < 16; i += 1) {
      wh[i] = view.getUint32(at + 8 * i);
      wl[i] = view.getUint32(at + 8 * i + 4);
    }
    for (let i = 16; i < 80; i += 1) {
      let h = wh[i - 15];
      let l = wl[i - 15];
      const s0h = ((h >>> 1) | (l << 31)) ^ ((h >>> 8) | (l << 24)) ^ (h >>> 7);
      const s0l = ((l >>> 1) | (h << 31)) ^ ((l >>> 8) | (h << 24)) ^ ((l >>> 7) | (h << 25));
      h = wh[i - 2];
      l = wl[i - 2];
      const s1h = ((h >>> 19) | (l << 13)) ^ ((l >>> 29) | (h << 3)) ^ (h >>> 6);
      const s1l = ((l >>> 19) | (h << 13)) ^ ((h >>> 29) | (l << 3)) ^ ((l >>> 6) | (h << 26));
      const sum = wl[i - 16] + (s0l >>> 0) + wl[i - 7] + (s1l >>> 0);
      wl[i] = sum;
      wh[i] = wh[i - 16] + (s0h >>> 0) + wh[i - 7] + (s1h >>> 0) + over(sum);
    }
    let [ah, bh, ch, dh, eh, fh, gh, hh] = high;
    let [al, bl, cl, dl, el, fl, gl, hl] = low;
    for (let i = 0; i < 80; i += 1) {
      const s1h = ((eh >>> 14) | (el << 18)) ^ ((eh >>> 18) | (el << 14)) ^ ((el >>> 9) | (eh << 23));
      const s1l = ((el >>> 14) | (eh << 18)) ^ ((el >>> 18) | (eh << 14)) ^ ((eh >>> 9) | (el << 23));
      const chh = (eh & fh) ^ (~eh & gh);
      const chl = (el & fl) ^ (~el & gl);
      const sum1 = hl + (s1l >>> 0) + (chl >>> 0) + ROUND.low[i] + wl[i];
      const t1l = sum1 >>> 0;
      const t1h = (hh + (s1h >>> 0) + (chh >>> 0) + ROUND.high[i] + wh[i] + over(sum1)) >>> 0;
      const s0h = ((ah >>> 28) | (al << 4)) ^ ((al >>> 2) | (ah << 30)) ^ ((al >>> 7) | (ah << 25));
      const s0l = ((al >>> 28) | (ah << 4)) ^ ((ah >>> 2) | (al << 30)) ^ ((ah >>> 7) | (al << 25));
      const mh = (ah & bh) ^ (ah & ch) ^ (bh & ch);
      const ml = (al & bl) ^ (al & cl) ^ (bl & cl);
      const sum2 = t1l + (s0l >>> 0) + (ml >>> 0);
      const sum3 = dl + t1l;
      hh = gh; hl = gl; gh = fh; gl = fl; fh = eh; fl = el;
      eh = (dh + t1h + over(sum3)) >>> 0;
      el = sum3 >>> 0;
      dh = ch; dl = cl; ch = bh; cl = bl; bh = ah; bl = al;
      ah = (t1h + (s0h >>> 0) + (mh >>> 0) + over(sum2)) >>> 0;
      al = sum2 >>> 0;
    }
    const parts = [[ah, al], [bh, bl], [ch, cl], [dh, dl], [eh, el], [fh, fl], [gh, gl], [hh, hl]];
    parts.forEach(([h, l], i) => {
      const sum = low[i] + l;
      low[i] = sum;
      high[i] = high[i] + h + over(sum);
    });
  }
  const out = new DataView(new ArrayBuffer(64));
  high.forEach((value, i) => {
    out.setUint32(8 * i, value);
    out.setUint32(8 * i + 4, low[i]);
  });
  return new Uint8Array(out.buffer);
}
