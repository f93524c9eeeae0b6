import { logicalId } from './names.js';
import { readService } from './service.js';

/**
 * One entry of `custom.tables`.
 *
 * @typedef {object} TableDeclaration
 * @property {string} name         physical name without its stage, such as `job-results-outbox-v1`
 * @property {string} partitionKey a string attribute
 * @property {string} [ttl]        attribute with the time at which an item expires, in seconds since 1970
 */

/**
 * Called by the framework for `${file(infra/tables.js):template}`.
 *
 * @param {import('./service.js').Framework} framework
 */
export async function template(framework) {
  const { stage, store, tables, isProtected } = await readService(framework);
  const { Resources, Outputs } = tablesTemplate(stage, tables, { isProtected });
  // Where the operator's tool looks for records; without this output, in the table.
  return { Resources, Outputs: { ...Outputs, ...(store !== 'dynamodb' && { Store: { Value: store } }) } };
}

/**
 * Tables by their short name: on demand, encrypted, with point-in-time recovery. Protected tables refuse to be deleted,
 * and stay when their stack is removed.
 *
 * @param {string} stage
 * @param {Record<string, TableDeclaration>} declarations
 * @param {{ isProtected?: boolean }} [options]
 */
export function tablesTemplate(stage, declarations, { isProtected = false } = {}) {
  const policy = isProtected ? 'Retain' : 'Delete';
  const tables = Object.entries(declarations).map(([name, { name: tableName, partitionKey, ttl }]) => [
    `${logicalId(name)}Table`,
    {
      Type: 'AWS::DynamoDB::Table',
      DeletionPolicy: policy,
      UpdateReplacePolicy: policy,
      Properties: {
        TableName: `${tableName}-${stage}`,
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [{ AttributeName: partitionKey, KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: partitionKey, AttributeType: 'S' }],
        ...(ttl && { TimeToLiveSpecification: { AttributeName: ttl, Enabled: true } }),
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        SSESpecification: { SSEEnabled: true },
        DeletionProtectionEnabled: isProtected,
      },
    },
  ]);
  return {
    Resources: Object.fromEntries(tables),
    Outputs: Object.fromEntries(tables.map(([id]) => [`${id}Name`, { Value: { Ref: id } }])),
  };
}
