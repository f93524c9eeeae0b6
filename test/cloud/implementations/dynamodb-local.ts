import { installJars } from './maven.ts';
import { freePort, type Server, startServer } from './server.ts';

/** AWS's own DynamoDB for a laptop. It has no option for the address to listen on: it takes all of them. */
export async function startDynamoDBLocal(): Promise<Server & { version: string }> {
  const { jars, version } = installJars('dynamodb-local');
  const port = await freePort();
  const main = 'com.amazonaws.services.dynamodbv2.local.main.ServerRunner';
  const server = await startServer('dynamodb-local', {
    port,
    command: 'java',
    args: [`-Djava.library.path=${jars}`, '-cp', `${jars}/*`, main, '-inMemory', '-port', String(port)],
  });
  return { ...server, version };
}
