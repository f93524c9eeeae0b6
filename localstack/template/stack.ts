import type { Creator, Declaration } from './creation.ts';
import { type Created, Intrinsics, type Pseudo } from './intrinsics.ts';
import { creationOrder } from './order.ts';
import { standIn } from './stand-in.ts';
import { type Template, TemplateError } from './template.ts';

/** A resource that exists now, or a stand-in for one that is not emulated. */
export interface StackResource extends Created {
  id: string;
  type: string;
}

export interface StackOutput {
  key: string;
  value: string;
  description?: string;
  exportName?: string;
}

/** The resources that were created from a template. */
export interface Stack {
  name: string;
  resources: StackResource[];
  outputs: StackOutput[];
  /** `AWS::CloudWatch::Alarm JobsDepthAlarm: there are no metrics to watch` */
  notEmulated: string[];
}

/**
 * Creates everything that the template declares, in the order of its references.
 * @param creators by CloudFormation type; a type without one is listed as not emulated
 * @throws {TemplateError} naming the resource, when it cannot be created or AWS would refuse it
 */
export async function createStack(
  template: Template,
  creators: Record<string, Creator>,
  pseudo: Pseudo,
): Promise<Stack> {
  const created = new Map<string, Created>();
  const intrinsics = new Intrinsics(template, created, pseudo);
  const stack: Stack = { name: pseudo.stackName, resources: [], outputs: [], notEmulated: [] };
  for (const id of creationOrder(template)) {
    const resource = template.Resources[id];
    if (!resource || (resource.Condition && !intrinsics.holds(resource.Condition, id))) continue;
    const properties = intrinsics.resolve(resource.Properties ?? {}, id);
    const note = (reason: string) => stack.notEmulated.push(`${resource.Type} ${id}: ${reason}`);
    const result = await createOne({ id, type: resource.Type, properties }, creators, { ...pseudo, note });
    created.set(id, result);
    stack.resources.push({ id, type: resource.Type, ...result });
  }
  stack.outputs = outputsOf(template, intrinsics);
  return stack;
}

async function createOne(
  declaration: Declaration,
  creators: Record<string, Creator>,
  { note, ...stack }: Pseudo & { note: (reason: string) => void },
): Promise<Created> {
  const { id, type } = declaration;
  const creator = Object.hasOwn(creators, type) ? creators[type] : undefined;
  if (!creator) {
    const { created, reason } = standIn(declaration, stack);
    note(reason);
    return created;
  }
  try {
    return await creator(declaration, note);
  } catch (error) {
    if (error instanceof TemplateError) throw error;
    throw new TemplateError(`${id} (${type}): ${(error as Error).message}`, { cause: error });
  }
}

function outputsOf(template: Template, intrinsics: Intrinsics): StackOutput[] {
  return Object.entries(template.Outputs ?? {}).flatMap(([key, output]) => {
    const owner = `output ${key}`;
    if (output.Condition && !intrinsics.holds(output.Condition, owner)) return [];
    const exportName = output.Export ? String(intrinsics.resolve(output.Export.Name, owner)) : undefined;
    const value = String(intrinsics.resolve(output.Value, owner));
    const description = output.Description;
    return [{ key, value, ...(description && { description }), ...(exportName && { exportName }) }];
  });
}
