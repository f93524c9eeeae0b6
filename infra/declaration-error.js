/** What is wrong with serverless.yml, for whoever wrote it. It has no stack: the framework would print that, too. */
export class DeclarationError extends Error {
  /** @param {string} message where, what, and what to do */
  constructor(message) {
    super(message);
    delete this.stack;
  }
}
