import { installJars } from './maven.ts';
import { freePort, type Server, startServer } from './server.ts';

/** SQS by SoftwareMill, in Scala; on the loopback address only. */
export async function startElasticMq(): Promise<Server & { version: string }> {
  const { jars, version } = installJars('elasticmq');
  const port = await freePort();
  const settings = {
    'rest-sqs.bind-hostname': '127.0.0.1',
    'rest-sqs.bind-port': port,
    'node-address.host': '127.0.0.1',
    'node-address.port': port,
    'rest-stats.enabled': false,
  };
  const options = Object.entries(settings).map(([name, value]) => `-D${name}=${value}`);
  const server = await startServer('elasticmq', {
    port,
    command: 'java',
    args: [...options, '-cp', `${jars}/*`, 'org.elasticmq.server.Main'],
  });
  return { ...server, version };
}
