import type { IncomingMessage, ServerResponse } from 'node:http';
import { buildApp } from 'fauxqs';
import type { Answer, ServiceRequest } from '../gateway/request.ts';
import { S3Store, SnsStore, type SqsStore } from './internals.ts';

/** SNS, S3 and STS: fauxqs' own application, called without its own port. Topics deliver to the given queues. */
export class Fauxqs {
  readonly topics = new SnsStore();
  readonly buckets = new S3Store();
  readonly #app;

  constructor(queues: SqsStore, region: string) {
    const stores = { sqsStore: queues, snsStore: this.topics, s3Store: this.buckets };
    this.#app = buildApp({ logger: false, defaultRegion: region, stores });
  }

  async ready() {
    await this.#app.ready();
  }

  /** A form: SNS, or STS GetCallerIdentity. */
  async handleForm({ method, path, query, headers, body }: ServiceRequest): Promise<Answer> {
    const search = query.size ? `?${query}` : '';
    const answer = await this.#app.inject({
      method: method as 'POST',
      url: `${path}${search}`,
      headers: headers as Record<string, string>,
      payload: body,
    });
    const type = String(answer.headers['content-type'] ?? 'text/xml');
    return { status: answer.statusCode, headers: { 'content-type': type }, body: answer.rawPayload };
  }

  /** S3. The request is passed on unread, so that objects stream. */
  handleS3(request: IncomingMessage, response: ServerResponse) {
    this.#app.routing(request, response);
  }

  /** Whether a bucket holds an object. */
  hasObject(bucket: string, key: string): boolean {
    try {
      return Boolean(this.buckets.headObject(bucket, key));
    } catch {
      return false;
    }
  }

  async close() {
    await this.#app.close();
  }
}
