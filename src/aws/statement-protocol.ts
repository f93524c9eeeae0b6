import type { BatchStatementRequest } from '@aws-sdk/client-dynamodb';
import { AwsJson1_0Protocol } from '@aws-sdk/core/protocols';

type Serialize = AwsJson1_0Protocol['serializeRequest'];

/**
 * DynamoDB's own protocol of the SDK, but for the body of BatchExecuteStatement: an attribute value without binary data
 * is its own JSON, and a statement's text is the same for every job, so neither needs the walk along the schema that
 * otherwise costs more than everything else about a write. Endpoint, signing, retries and errors stay the SDK's.
 */
export class StatementProtocol extends AwsJson1_0Protocol {
  readonly #texts = new Map<string | undefined, string>();

  override async serializeRequest(...[operation, input, context]: Parameters<Serialize>): ReturnType<Serialize> {
    const { Statements } = input as { Statements?: BatchStatementRequest[] };
    if (!Statements) return await super.serializeRequest(operation, input, context);
    const request = await super.serializeRequest(operation, {} as typeof input, context);
    request.body = `{"Statements":[${Statements.map((statement) => this.#json(statement)).join(',')}]}`;
    return request;
  }

  #json({ Statement, Parameters }: BatchStatementRequest): string {
    let text = this.#texts.get(Statement);
    if (text === undefined) {
      text = JSON.stringify(Statement);
      this.#texts.set(Statement, text);
    }
    return `{"Statement":${text},"Parameters":${JSON.stringify(Parameters)}}`;
  }
}
