const bits = new DataView(new ArrayBuffer(8));

const math_fabs = (x) => Math.abs(x);

const math_isnan = (x) => x !== x;

const math_isinf = (x) => x === Infinity || x === -Infinity;

const math_isfinite = (x) => x - x === 0;

const math_ceil = (x) => Math.ceil(x);

const math_fmod = (x, y) => x % y;

const math_copysign = (x, y) => (y < 0 || Object.is(y, -0) ? -Math.abs(x) : Math.abs(x));

const math_pow = (x, y) => (x === 1 || (x === -1 && y - y !== 0 && y === y) ? 1 : Math.pow(x, y));

const math_frexp = (x) => {
  if (x === 0 || x - x !== 0) return [x, 0];
  bits.setFloat64(0, x);
  const high = bits.getUint32(0);
  const e = (high >>> 20) & 2047;
  if (e === 0) {
    const [m, k] = math_frexp(x * 2 ** 64);
    return [m, k - 64];
  }
  bits.setUint32(0, (high & 0x800fffff) | 0x3fe00000);
  return [bits.getFloat64(0), e - 1022];
};

const math_ldexp = (x, e) => (e > 1023 ? x * 2 ** 1023 * 2 ** (e - 1023) : e < -1022 ? x * 2 ** -1022 * 2 ** (e + 1022) : x * 2 ** e);

const math_erfc = (x) => {
  const a = Math.abs(x);
  if (!(a >= 0.84375)) return x < 0.25 ? 1 - math_erf(x) : 0.5 - (math_erf(x) - 0.5);
  const tail = polynomial.tail(a);
  return x > 0 ? tail : 2 - tail;
};

const math_erf = (x) => {
  const a = Math.abs(x);
  if (a >= 0.84375) return x > 0 ? 1 - polynomial.tail(a) : polynomial.tail(a) - 1;
  return a < 2 ** -28 ? x + 1.28379167095512586316e-01 * x : x + x * polynomial.middle(x);
};

const polynomial = (() => {
  const at = (x, c) => c.reduceRight((sum, k) => sum * x + k, 0);
  const middle = (x) => at(x * x, [1.28379167095512558561e-01, -3.25042107247001499370e-01, -2.84817495755985104766e-02, -5.77027029648944159157e-03,
    -2.37630166566501626084e-05]) / at(x * x, [1, 3.97917223959155352819e-01, 6.50222499887672944485e-02, 5.08130628187576562776e-03,
    1.32494738004321644526e-04, -3.96022827877536812320e-06]);
  const tail = (a) => {
    if (a < 1.25) {
      const s = a - 1;
      return 1 - 8.45062911510467529297e-01 - at(s, [-2.36211856075265944077e-03, 4.14856118683748331666e-01, -3.72207876035701323847e-01,
        3.18346619901161753674e-01, -1.10894694282396677476e-01, 3.54783043256182359371e-02, -2.16637559486879084300e-03]) /
        at(s, [1, 1.06420880400844228286e-01, 5.40397917702171048937e-01, 7.18286544141962662868e-02, 1.26171219808761642112e-01,
        1.36370839120290507362e-02, 1.19844998467991074170e-02]);
    }
    if (a > 28) return 0;
    const s = 1 / (a * a);
    const [r, q] = a < 1 / 0.35 ? [[-9.86494403484714822705e-03, -6.93858572707181764372e-01, -1.05586262253232909814e+01, -6.23753324503260060396e+01,
      -1.62396669462573470355e+02, -1.84605092906711035994e+02, -8.12874355063065934246e+01, -9.81432934416914548592e+00],
      [1, 1.96512716674392571292e+01, 1.37657754143519042600e+02, 4.34565877475229228821e+02, 6.45387271733267880336e+02, 4.29008140027567833386e+02,
      1.08635005541779435134e+02, 6.57024977031928170135e+00, -6.04244152148580987438e-02]] :
      [[-9.86494292470009928597e-03, -7.99283237680523006574e-01, -1.77579549177547519889e+01, -1.60636384855821916062e+02, -6.37566443368389627722e+02,
      -1.02509513161107724954e+03, -4.83519191608651397019e+02], [1, 3.03380607434824582924e+01, 3.25792512996573918826e+02, 1.53672958608443695994e+03,
      3.19985821950859553908e+03, 2.55305040643316442583e+03, 4.74528541206955367215e+02, -2.24409524465858183362e+01]];
    bits.setFloat64(0, a);
    bits.setUint32(4, 0);
    const z = bits.getFloat64(0);
    return Math.exp(-z * z - 0.5625) * Math.exp((z - a) * (z + a) + at(s, r) / at(s, q)) / a;
  };
  return { middle, tail };
})();

const zip = (xs, ys) => xs.map((x, k) => [x, ys[k]]);

const range = (x, y) => (y === undefined ? range(0, x) : Array.from({ length: Math.max(0, y - x) }, (_, k) => x + k));

const repeat = (xs, n) => Array.from({ length: n }, () => xs).flat();
