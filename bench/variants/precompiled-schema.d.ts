/** Made by `bundle.ts` from `schema.json`: ajv's standalone code. */
declare module 'bench:precompiled-schema' {
  const validate: (data: unknown) => boolean;
  export default validate;
}
