import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

// Whatever Node runs the framework, ours understands TypeScript.
const NODE = join(import.meta.dirname, '../../node_modules/.bin/node');
const DOCTOR = join(import.meta.dirname, 'run.ts');

/** Everything between an empty template and the one that is saved, but for making and saving artifacts. */
const COMPILE = [
  'package:initialize',
  'package:setupProviderConfiguration',
  'package:compileLayers',
  'package:compileFunctions',
  'package:compileEvents',
  'aws:package:finalize:addExportNameForOutputs',
  'aws:package:finalize:mergeCustomProviderResources',
  'aws:package:finalize:stripNullPropsFromTemplateResources',
];

/**
 * Lets the doctor look at the resolved template before `serverless package` saves it and before `serverless deploy`
 * uploads anything. Errors end the command; warnings are printed.
 */
export default class DoctorPlugin {
  /**
   * @param {any} serverless the framework
   * @param {{ package?: string, to?: string }} options of the command line
   * @param {{ log: { notice(text: string): void } }} writers
   */
  constructor(serverless, options, { log }) {
    this.serverless = serverless;
    this.options = options;
    this.log = log;
    this.commands = {
      // `serverless doctor` is taken: the framework's own tells of deprecations.
      examine: {
        usage: 'Examine the resolved template for what brings SQS workers down',
        lifecycleEvents: ['template'],
        options: { to: { usage: 'Only write the resolved template to this file', type: 'string' } },
      },
    };
    this.hooks = {
      'after:aws:package:finalize:stripNullPropsFromTemplateResources': () => this.#examineCompiled(),
      'before:deploy:deploy': () => this.#examinePackaged(),
      'examine:template': () => this.#command(),
    };
  }

  #examineCompiled() {
    if (!this.options.to) this.#examine(this.#compiled());
  }

  /** @param {string} template JSON */
  #examine(template) {
    const { status, stdout, stderr, error } = spawnSync(NODE, [DOCTOR, '--template', '-'], {
      input: template,
      encoding: 'utf8',
    });
    if (status === 0) return this.log.notice(stdout.trimEnd());
    const report = `${stdout ?? ''}${stderr ?? ''}`.trim() || `The doctor could not run: ${error?.message}`;
    throw new this.serverless.classes.Error(
      `${report}\n\nRefused; nothing was uploaded. The rules: docs/doctor.md`,
      'DOCTOR',
    );
  }

  /** `deploy --package` compiles nothing: what it uploads was packaged before, perhaps elsewhere. */
  #examinePackaged() {
    if (!this.options.package) return;
    const file = resolve(this.serverless.serviceDir, this.options.package, 'cloudformation-template-update-stack.json');
    this.#examine(readFileSync(file, 'utf8'));
  }

  /** `serverless examine`: compiles the template without the functions' code, which no rule looks at. */
  async #command() {
    const { pluginManager, service, utils } = this.serverless;
    // The framework keeps an empty stack's template as a file; a stage that is only looked at must not replace it.
    utils.writeFileSync = () => {};
    // Versions are named after a hash of the code; any file serves.
    service.package.artifact = DOCTOR;
    for (const event of COMPILE) {
      for (const name of [`before:${event}`, event, `after:${event}`]) {
        for (const { hook } of pluginManager.hooks[name] ?? []) await hook();
      }
    }
    if (this.options.to) writeFileSync(this.options.to, this.#compiled());
  }

  #compiled() {
    return JSON.stringify(this.serverless.service.provider.compiledCloudFormationTemplate);
  }
}
