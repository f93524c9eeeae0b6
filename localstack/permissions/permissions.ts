import type { Answer, ServiceRequest } from '../gateway/request.ts';
import { signedFor } from '../gateway/routing.ts';
import { callsOf, isMapped, type Place } from './calls.ts';
import { everyObject, listing, type ObjectCall, objectCallOf, objectDenied } from './objects.ts';
import { allows, grantsOf, type Permission, type Statement } from './policy.ts';

/** The access key id that signs a request contains the function's name. Nothing else tells callers apart. */
const ACCESS_KEY_PREFIX = 'function.';
const CALLER = /Credential=function\.([^/]+)\//;

/** The access key id that a function's process gets. */
export const accessKeyOf = (functionName: string): string => ACCESS_KEY_PREFIX + functionName;

/** Whether a bucket holds an object now. */
export type HasObject = (bucket: string, key: string) => boolean;

/** How often a function has sent one kind of request. */
export interface Requests {
  requests: number;
  /** The items or statements in them: a batch of 25 statements is one request with 25 parts. */
  parts: number;
}

/** What the roles of the template allow, and which calls the functions have made. Other clients may call everything. */
export class Permissions {
  readonly #place: Place;
  readonly #enforced: boolean;
  readonly #hasObject: HasObject;
  readonly #roles = new Map<string, Statement[] | 'unknown'>();
  readonly #roleOf = new Map<string, string>();
  readonly #used = new Map<string, Map<string, Permission>>();
  readonly #requests = new Map<string, Map<string, Requests>>();

  /** @param enforced if false, calls are noted and none is denied */
  constructor(place: Place, enforced: boolean, hasObject: HasObject = () => true) {
    this.#place = place;
    this.#enforced = enforced;
    this.#hasObject = hasObject;
  }

  /** Adds statements to a role. `unknown` means that its statements cannot be read; then nothing is denied to it. */
  addToRole(arn: string, statements: readonly Statement[] | 'unknown') {
    const known = this.#roles.get(arn) ?? [];
    this.#roles.set(arn, known === 'unknown' || statements === 'unknown' ? 'unknown' : [...known, ...statements]);
  }

  assign(functionName: string, roleArn: string) {
    this.#roleOf.set(functionName, roleArn);
  }

  /** What a function's role allows, one action and one resource in each entry. */
  granted(functionName: string): Permission[] {
    const statements = this.#statements(functionName);
    return statements === 'unknown' ? [] : grantsOf(statements);
  }

  /** The permissions that a function has needed so far, denied calls included. */
  used(functionName: string): Permission[] {
    return [...(this.#used.get(functionName)?.values() ?? [])];
  }

  /** A function's requests to SQS and DynamoDB so far, by target, such as `AmazonSQS.SendMessageBatch`. */
  requests(functionName: string): ReadonlyMap<string, Readonly<Requests>> {
    return this.#requests.get(functionName) ?? new Map();
  }

  /**
   * Notes a call. @returns whether it may pass because the function's role allows it
   *
   * @param noted what is noted of it
   */
  permit(functionName: string, call: Permission, noted = call): boolean {
    const used = this.#used.get(functionName) ?? new Map();
    this.#used.set(functionName, used.set(`${noted.action} ${noted.resource}`, noted));
    if (!this.#enforced) return true;
    const statements = this.#statements(functionName);
    return statements === 'unknown' || allows(statements, call);
  }

  /** A denial in the service's words; undefined when the request may pass. */
  check(request: ServiceRequest): Answer | undefined {
    const caller = CALLER.exec(request.headers.authorization ?? '')?.[1];
    const target = request.headers['x-amz-target'];
    if (!caller) return undefined;
    if (typeof target !== 'string' || !isMapped(target)) {
      // We do not know which permission this needs. It passes, but it shows up where permissions are compared.
      const service = signedFor(request.headers.authorization);
      const call = service === 's3' && objectCallOf(request);
      if (call) return this.#checkObject(caller, call);
      this.permit(caller, { action: `${service}:${request.method}`, resource: String(target ?? request.path) });
      return undefined;
    }
    const calls = callsOf(target, request.body, this.#place);
    this.#count(caller, target, calls.length);
    const denied = calls.filter((call) => !this.permit(caller, call));
    return denied[0] && accessDenied(caller, denied[0]);
  }

  #checkObject(caller: string, call: ObjectCall): Answer | undefined {
    if (!this.permit(caller, call, call.key ? everyObject(call) : call)) return objectDenied(caller, call);
    const isMissing = call.action === 's3:GetObject' && !this.#hasObject(call.bucket, call.key);
    return isMissing && !this.permit(caller, listing(call)) ? objectDenied(caller, listing(call)) : undefined;
  }

  #count(caller: string, target: string, parts: number): void {
    const ofCaller = this.#requests.get(caller) ?? new Map<string, Requests>();
    this.#requests.set(caller, ofCaller);
    const before = ofCaller.get(target) ?? { requests: 0, parts: 0 };
    ofCaller.set(target, { requests: before.requests + 1, parts: before.parts + parts });
  }

  /** A function whose role is not in this template is not restricted. */
  #statements(functionName: string): Statement[] | 'unknown' {
    return this.#roles.get(this.#roleOf.get(functionName) ?? '') ?? 'unknown';
  }
}

function accessDenied(caller: string, { action, resource }: Permission): Answer {
  const message =
    `Function ${caller} is not authorized to perform: ${action} on resource: ${resource}` +
    ` because no identity-based policy allows the ${action} action`;
  return {
    status: 400,
    headers: { 'content-type': 'application/x-amz-json-1.0' },
    body: JSON.stringify({ __type: 'com.amazon.coral.service#AccessDeniedException', message }),
  };
}
