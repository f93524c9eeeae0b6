import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

// Our own Node, because the one that runs the framework may not understand TypeScript.
const NODE = join(import.meta.dirname, '../../node_modules/.bin/node');
const DOCTOR = join(import.meta.dirname, 'run.ts');

/** The steps from an empty template to the saved one, except those that make and save artifacts. */
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
 * Lets the doctor examine the resolved template before `serverless package` saves it, and before `serverless deploy`
 * uploads anything. Errors end the command. Warnings are printed.
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
      // Not `serverless doctor`, which is the framework's own command for deprecations.
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

  /** `deploy --package` compiles nothing. It uploads what was packaged before, perhaps on another machine. */
  #examinePackaged() {
    if (!this.options.package) return;
    const file = resolve(this.serverless.serviceDir, this.options.package, 'cloudformation-template-update-stack.json');
    this.#examine(readFileSync(file, 'utf8'));
  }

  /** `serverless examine`: compiles the template without the functions' code, because no rule looks at the code. */
  async #command() {
    const { pluginManager, service, utils } = this.serverless;
    // The framework saves an empty stack's template as a file. This command must not replace the file of a stage.
    utils.writeFileSync = () => {};
    // Names of versions contain a hash of the code. Here any file will do.
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
