import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

// biome-ignore lint/suspicious/noExplicitAny: properties are as varied as AWS itself; each resource type reads its own.
export type Properties = Record<string, any>;

export interface Resource {
  Type: string;
  Properties?: Properties;
  DependsOn?: string | string[];
  Condition?: string;
}

export interface Template {
  Resources: Record<string, Resource>;
  Conditions?: Record<string, unknown>;
  Parameters?: Record<string, { Default?: unknown }>;
  Mappings?: Record<string, Record<string, Record<string, unknown>>>;
  Outputs?: Record<string, { Value: unknown; Condition?: string; Description?: string; Export?: { Name: unknown } }>;
}

/**
 * The template cannot be read, or something in it cannot be created. The message names the resource by its logical id.
 */
export class TemplateError extends Error {
  override name = 'TemplateError';
}

/**
 * Reads a packaged template, such as `.serverless/cloudformation-template-update-stack.json`.
 * @throws {TemplateError} that says how to make one
 */
export function readTemplate(file: string): Template {
  if (!existsSync(file)) {
    throw new TemplateError(`There is no template at ${file}. Make it: npx serverless package --stage local`);
  }
  return templateFrom(readFileSync(file, 'utf8'), file);
}

/**
 * @param source where the text comes from, for errors
 * @throws {TemplateError} for text that is no template in JSON
 */
export function templateFrom(text: string, source: string): Template {
  let template: Template;
  try {
    template = JSON.parse(text);
  } catch (error) {
    throw new TemplateError(`${source} is not JSON: ${(error as Error).message}`);
  }
  if (typeof template?.Resources !== 'object')
    throw new TemplateError(`${source} has no Resources: it is no template.`);
  return template;
}

/** The stack's name in a deployment, from the state file that the framework packages beside the template. */
export function stackName(templateFile: string): string {
  const state = path.join(path.dirname(templateFile), 'serverless-state.json');
  if (!existsSync(state)) return 'local';
  const { service } = JSON.parse(readFileSync(state, 'utf8'));
  return service?.provider?.stackName ?? `${service?.service ?? 'service'}-${service?.provider?.stage ?? 'local'}`;
}
