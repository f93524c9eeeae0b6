import type { LambdaFunction } from '../functions/lambda-function.ts';
import type { EventSourceMapping } from '../mapping/event-source-mapping.ts';

/** What Lambda knows about a function, besides the code that it runs. */
export interface FunctionRecord {
  lambda: LambdaFunction;
  runtime: string;
  role: string;
  description: string;
  architectures: string[];
  codeSha256: string;
  codeBytes: number;
  /** The environment as the template declares it, without what the cloud adds. */
  variables: Record<string, string>;
  lastModified: Date;
}

/** A mapping, with the fields that the API returns. */
export interface MappingRecord {
  mapping: EventSourceMapping;
  lastModified: Date;
}

/** An error of the Lambda API. `name` is the exception that a client sees. */
export class LambdaError extends Error {
  readonly status: number;

  constructor(name: string, message: string, status: number) {
    super(message);
    this.name = name;
    this.status = status;
  }
}

export const invalidParameter = (message: string) => new LambdaError('InvalidParameterValueException', message, 400);
export const notFound = (message: string) => new LambdaError('ResourceNotFoundException', message, 404);

/** The functions and mappings of this cloud. They are found by every name that Lambda takes. */
export class LambdaRegistry {
  readonly functions = new Map<string, FunctionRecord>();
  readonly mappings = new Map<string, MappingRecord>();

  /** @param name a function's name, ARN or partial ARN, with or without a version. @throws ResourceNotFoundException */
  function(name: string): FunctionRecord {
    const found = this.functions.get(plainName(name));
    if (!found) throw notFound(`Function not found: ${name}`);
    return found;
  }

  /** @throws ResourceNotFoundException */
  mapping(uuid: string): MappingRecord {
    const found = this.mappings.get(uuid);
    if (!found) throw notFound('The resource you requested does not exist.');
    return found;
  }
}

/** `name`, `name:1`, `123:function:name` and the whole ARN all mean the function `name`. */
export function plainName(name: string): string {
  const afterFunction = /(?:^|:)function:([^:]+)/.exec(name)?.[1];
  return afterFunction ?? name.split(':')[0] ?? name;
}
