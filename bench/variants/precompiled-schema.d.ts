/** Made by `bundle.ts` out of `schema.json`: ajv's standalone code. */
declare module 'bench:precompiled-schema' {
  const validate: (data: unknown) => boolean;
  export default validate;
}
