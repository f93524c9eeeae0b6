import type { Readable } from 'node:stream';
import { GetObjectCommand, S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { lean } from './lean-client.ts';

/** An object whose bytes are on their way. Whoever has it must read the stream to its end, or destroy it. */
export interface OpenObject {
  /** Undefined where S3 does not say. */
  readonly bytes: number | undefined;
  /** Fails where the bytes do not match the object's checksum, if it has one. */
  readonly stream: Readable;
}

/** S3 may take its time to find an object. After it has answered, only the signal limits how long the bytes take. */
const REQUEST_HANDLER = { connectionTimeout: 1_000, requestTimeout: 5_000, throwOnRequestTimeout: true };
const MAX_ATTEMPTS = 3;

/** The calls to S3 that a worker makes. */
export class S3Api {
  readonly #client: S3Client;

  constructor(config: S3ClientConfig = {}) {
    this.#client = lean(new S3Client({ maxAttempts: MAX_ATTEMPTS, requestHandler: REQUEST_HANDLER, ...config }));
  }

  /** @throws what the SDK throws: `NoSuchKey` where there is no such object and the role may list the bucket */
  async open(Bucket: string, Key: string, abortSignal: AbortSignal): Promise<OpenObject> {
    const { Body, ContentLength } = await this.#client.send(new GetObjectCommand({ Bucket, Key }), { abortSignal });
    return { bytes: ContentLength, stream: Body as Readable };
  }
}
