import type { DynamoDbService } from '../dynamodb/service.ts';
import { type Creator, generatedName, noteIgnored } from '../template/creation.ts';

const CREATE = [
  'AttributeDefinitions',
  'KeySchema',
  'BillingMode',
  'ProvisionedThroughput',
  'GlobalSecondaryIndexes',
  'LocalSecondaryIndexes',
];
/** Encryption and backups change nothing that a program can see. */
const WITHOUT_EFFECT = ['TableName', 'TimeToLiveSpecification', 'PointInTimeRecoverySpecification', 'SSESpecification'];
const PROTECTION = ['DeletionProtectionEnabled', 'TableClass', 'Tags'];

/** AWS::DynamoDB::Table. */
export function tableCreator(dynamodb: DynamoDbService, stackName: string): Creator {
  return async ({ id, properties }, note) => {
    const TableName = properties.TableName ?? generatedName(stackName, id);
    const declared = Object.fromEntries(
      CREATE.filter((name) => name in properties).map((name) => [name, properties[name]]),
    );
    const output = await dynamodb.execute('CreateTable', { ...declared, TableName });
    const ttl = properties.TimeToLiveSpecification;
    if (ttl) await dynamodb.execute('UpdateTimeToLive', { TableName, TimeToLiveSpecification: ttl });
    noteIgnored(properties, [...CREATE, ...WITHOUT_EFFECT, ...PROTECTION], note);
    const { TableArn = '' } = (output as { TableDescription: { TableArn?: string } }).TableDescription;
    return { ref: TableName, attributes: { Arn: TableArn } };
  };
}
