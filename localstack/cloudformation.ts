import { randomUUID } from 'node:crypto';
import type { Answer } from './gateway/request.ts';
import { element, elements } from './gateway/xml.ts';
import type { Stack, StackResource } from './template/stack.ts';
import type { Template } from './template/template.ts';

/**
 * The calls of CloudFormation that read. `serverless invoke local` and `serverless info` look resources up with them.
 */
export class CloudFormationService {
  readonly #created = new Date();
  readonly #template: Template;
  #stack: Stack;

  /** The stack is empty until {@link finish}. */
  constructor(stackName: string, template: Template) {
    this.#template = template;
    this.#stack = { name: stackName, resources: [], outputs: [], notEmulated: [] };
  }

  finish(stack: Stack) {
    this.#stack = stack;
  }

  async handle(form: URLSearchParams): Promise<Answer> {
    const action = form.get('Action') ?? '';
    const wanted = form.get('StackName');
    if (wanted && wanted !== this.#stack.name && wanted !== this.#id()) {
      return failure(
        'ValidationError',
        `Stack with id ${wanted} does not exist. This cloud has one stack: ${this.#stack.name}`,
      );
    }
    const result = this.#result(action, form);
    if (typeof result === 'string') return failure('NotImplemented', result, 501);
    if (!result)
      return failure('ValidationError', `Resource ${form.get('LogicalResourceId')} does not exist for stack ${wanted}`);
    const body = `<${action}Result>${elements(result)}</${action}Result><ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata>`;
    return xml(
      200,
      `<${action}Response xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/">${body}</${action}Response>`,
    );
  }

  /**
   * The fields of the result; undefined for a resource that does not exist; a string for an action that is not
   * emulated.
   */
  #result(action: string, form: URLSearchParams): object | string | undefined {
    const id = form.get('LogicalResourceId');
    switch (action) {
      case 'ListStackResources':
        return { StackResourceSummaries: { member: this.#stack.resources.map((resource) => this.#summary(resource)) } };
      case 'DescribeStackResources':
        return { StackResources: { member: this.#resources(id).map((resource) => this.#detail(resource)) } };
      case 'DescribeStackResource': {
        const [found] = this.#resources(id ?? '');
        return found && { StackResourceDetail: this.#detail(found) };
      }
      case 'DescribeStacks':
        return { Stacks: { member: [this.#describe()] } };
      case 'ListStacks':
        return { StackSummaries: { member: [this.#identity()] } };
      case 'ListExports':
        return { Exports: { member: this.#exports() } };
      case 'GetTemplate':
        return { TemplateBody: JSON.stringify(this.#template) };
      default:
        return `CloudFormation's ${action} is not emulated: the stack is created from the packaged template at the start.`;
    }
  }

  #resources(id: string | null): StackResource[] {
    return id === null ? this.#stack.resources : this.#stack.resources.filter((resource) => resource.id === id);
  }

  #summary({ id, type, ref }: StackResource) {
    return {
      LogicalResourceId: id,
      PhysicalResourceId: ref,
      ResourceType: type,
      LastUpdatedTimestamp: this.#created.toISOString(),
      ResourceStatus: 'CREATE_COMPLETE',
    };
  }

  #detail(resource: StackResource) {
    const { LastUpdatedTimestamp, ...summary } = this.#summary(resource);
    return { ...summary, StackName: this.#stack.name, StackId: this.#id(), Timestamp: LastUpdatedTimestamp };
  }

  #identity() {
    const CreationTime = this.#created.toISOString();
    return { StackId: this.#id(), StackName: this.#stack.name, CreationTime, StackStatus: 'CREATE_COMPLETE' };
  }

  #describe() {
    const member = this.#stack.outputs.map(({ key, value, description, exportName }) => ({
      OutputKey: key,
      OutputValue: value,
      Description: description,
      ExportName: exportName,
    }));
    return { ...this.#identity(), Outputs: { member } };
  }

  #exports() {
    return this.#stack.outputs.flatMap(({ exportName, value }) =>
      exportName ? [{ ExportingStackId: this.#id(), Name: exportName, Value: value }] : [],
    );
  }

  #id() {
    return `arn:aws:cloudformation:us-east-1:000000000000:stack/${this.#stack.name}/local`;
  }
}

function failure(Code: string, Message: string, status = 400): Answer {
  const error = element('Error', { Type: 'Sender', Code, Message });
  return xml(status, `<ErrorResponse>${error}<RequestId>${randomUUID()}</RequestId></ErrorResponse>`);
}

const xml = (status: number, body: string): Answer => ({ status, headers: { 'content-type': 'text/xml' }, body });
