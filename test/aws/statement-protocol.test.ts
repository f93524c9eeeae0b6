import { BatchExecuteStatementCommand, type BatchStatementRequest, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { createClients } from '../../src/aws/clients.ts';
import type { Json } from '../../src/job.ts';
import { marshalResult } from '../../src/ledger/dynamodb/marshal.ts';
import { answer, FaultyHandler } from '../faults/faulty-handler.ts';

/** What a client puts on the wire for one command. */
async function sent(make: (options: object) => DynamoDBClient, Statements: BatchStatementRequest[]): Promise<unknown> {
  let input: unknown;
  const requestHandler = new FaultyHandler(async (request) => {
    input = request.input;
    return answer(200, { Responses: [] });
  });
  const options = { requestHandler, region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } };
  await make(options).send(new BatchExecuteStatementCommand({ Statements }));
  return input;
}

test('whatever a result holds, the request says what the SDK’s own serialiser would say', async () => {
  const json = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)) as Json);
  const storable = json.filter((value) => !/e[+-]\d{3}/.test(JSON.stringify(value)));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.string(), storable), { minLength: 1, maxLength: 25 }), async (values) => {
      const statements = values.map(([key, value]) => ({
        Statement: `INSERT INTO "t" VALUE {'JobID':?,'Result':?}`,
        Parameters: [{ S: key }, marshalResult(value)],
      }));
      const ours = await sent((options) => createClients(options).dynamodb, statements);
      expect(ours).toEqual(await sent((options) => new DynamoDBClient(options), statements));
    }),
    { numRuns: 40 },
  );
});
