/** An error in serverless.yml, for the person who wrote it. It has no stack, because the framework would print it. */
export class DeclarationError extends Error {
  /** @param {string} message where, what, and what to do */
  constructor(message) {
    super(message);
    delete this.stack;
  }
}
