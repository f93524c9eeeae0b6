import { S3Api } from '../../aws/s3-api.ts';
import { type Environment, type EnvironmentReader, readEnvironment } from '../../env.ts';
import type { Open, PayloadSettings } from '../../payloads/payload-store.ts';
import { runWithPayloads } from './batch-with-payloads.ts';
import type { Payloads } from './payloads.ts';

interface Reader {
  readonly settings: PayloadSettings;
  readonly open: Open;
}

/** A function has one environment. It is the key here, because the worker's own knows nothing of payloads. */
const readers = new WeakMap<Environment, Reader>();

/** 8 MiB, as serverless.yml has it: JSON.parse of so much takes about as long as the time that is left to settle. */
const MAX_BYTES = 8_388_608;

export const payloads: Payloads | undefined = {
  readEnvironment(variables) {
    const environment = readEnvironment(variables);
    readers.set(environment, readerOf(variables));
    return environment;
  },
  runBatchOf(worker) {
    const { settings, open } = readers.get(worker.environment) as Reader;
    return (works, options) => runWithPayloads(works, options, { worker, settings, open });
  },
};

/** Another endpoint than AWS's own need not have a name for each bucket, so the bucket's name goes into the path. */
function readerOf(variables: EnvironmentReader): Reader {
  const endpoint = variables.optional('AWS_ENDPOINT_URL_S3') ?? variables.optional('AWS_ENDPOINT_URL');
  const settings = {
    bucket: variables.string('PAYLOADS_BUCKET'),
    maxBytes: variables.integer('MAX_PAYLOAD_BYTES', { min: 1, max: 536_870_912, fallback: MAX_BYTES }),
    retentionDays: variables.integer('PAYLOAD_RETENTION_DAYS', { min: 1, max: 3650, fallback: 30 }),
  };
  // Made with the first payload: most invocations have none.
  let s3: S3Api | undefined;
  return {
    settings,
    open: (bucket, key, signal) => {
      s3 ??= new S3Api({ forcePathStyle: endpoint !== undefined });
      return s3.open(bucket, key, signal);
    },
  };
}
