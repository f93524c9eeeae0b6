const { connect } = require('node:net');

// A plugin for the framework, before serverless-localstack. It decides which stages go to a LocalStack-compatible
// cloud, and checks that one is running.

/** Functions and roles are named `sluice-<stage>-...`, and AWS allows 64 characters for their names. */
const MAX_STAGE = 30;
/** Commands that call the cloud. The others work without one. */
const ONLINE = /^(deploy|info|invoke|logs|metrics|remove|rollback)( function| list| list functions)?$/;
const CONNECT_LIMIT_MS = 3_000;

module.exports = class Endpoint {
  /**
   * @param {any} serverless
   * @param {{ stage?: string }} options
   */
  constructor(serverless, options) {
    this.serverless = serverless;
    this.stage = options.stage ?? serverless.service.provider.stage;
    // Every AWS tool uses AWS_ENDPOINT_URL, but the framework's SDK does not. Without this, every stage would go to
    // AWS.
    if (process.env.AWS_ENDPOINT_URL) serverless.service.custom.localstack.stages.push(this.stage);
    this.hooks = { initialize: () => this.check() };
  }

  async check() {
    const { Error: ServerlessError } = this.serverless.classes;
    if (!/^[a-z0-9][a-z0-9-]*$/.test(this.stage) || this.stage.length > MAX_STAGE) {
      throw new ServerlessError(
        `"${this.stage}" cannot be a stage: queues, tables and functions are named after it, so it has 1 to ${MAX_STAGE} ` +
          'lower-case letters, digits and hyphens, and does not start with a hyphen.',
        'STAGE_NAME',
      );
    }
    const localstack = this.serverless.pluginManager.plugins.find(isLocalStack);
    if (!localstack?.isActive() || !ONLINE.test(this.serverless.processedInput.commands.join(' '))) return;
    const url = localstack.getServiceURL(await localstack.getConnectHostname());
    const failure = await failureToConnect(new URL(url));
    if (!failure) return;
    const why = process.env.AWS_ENDPOINT_URL ? 'since AWS_ENDPOINT_URL says so' : 'as custom.localstack says';
    throw new ServerlessError(
      `Stage ${this.stage} belongs to ${url}, ${why}, and nothing listens there (${failure}). Start a cloud on that port ` +
        '(localstack/README.md has three to choose from), or set AWS_ENDPOINT_URL to where one is.',
      'NO_ENDPOINT',
    );
  }
};

/** @param {object} plugin */
function isLocalStack(plugin) {
  return plugin.constructor.name === 'LocalstackPlugin';
}

/**
 * @param {URL} url
 * @returns {Promise<string | undefined>} why nothing answers there; undefined where something listens
 */
function failureToConnect({ hostname, port, protocol }) {
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port) || (protocol === 'https:' ? 443 : 80) });
    /** @param {string} [failure] */
    const end = (failure) => {
      socket.destroy();
      resolve(failure);
    };
    socket.setTimeout(CONNECT_LIMIT_MS, () => end('no answer'));
    socket.once('connect', () => end());
    socket.once('error', (error) => end(/** @type {NodeJS.ErrnoException} */ (error).code ?? error.message));
  });
}
