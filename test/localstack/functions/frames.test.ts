import fc from 'fast-check';
import { encodeFrame, frameDecoder } from '../../../localstack/functions/frames.js';

test('frames come out whole and in order however the bytes are cut', () => {
  const frames = fc.array(fc.tuple(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary', maxLength: 300 })), {
    maxLength: 8,
  });
  fc.assert(
    fc.property(frames, fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (sent, cuts) => {
      const bytes = Buffer.concat(sent.map(([type, payload]) => encodeFrame({ type }, payload)));
      const got: [string, string][] = [];
      const decode = frameDecoder((header, payload) => got.push([header.type, payload]));
      for (let at = 0, cut = 0; at < bytes.length; cut += 1) {
        const size = cuts[cut % cuts.length] ?? 1;
        decode(bytes.subarray(at, at + size));
        at += size;
      }
      expect(got).toEqual(sent);
    }),
  );
});
