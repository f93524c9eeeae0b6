/**
 * All that is taken of fauxqs behind its back. The package exports its servers alone, so its files are imported by path
 * (Node lets nobody past `exports` by name), and its exact version is pinned in package.json.
 *
 * - The stores and the queue, since the embedded cloud overrides what they lack (sqs/store.ts, sqs/queue.ts,
 *   sqs/fifo-queue.ts) and hands the same stores to fauxqs' application for SNS and S3.
 * - The actions, one function an operation of SQS, since through fauxqs' server each call would make a second HTTP hop.
 * - The errors that the actions throw.
 *
 * Another version may move any of it: then test/localstack/internals.test.ts says what is gone. What a version means by
 * the same names, the tests of test/localstack/sqs/ and test/localstack/mapping/ say.
 */

export { QueueDoesNotExistError, SnsError, SqsError } from '../../node_modules/fauxqs/dist/common/errors.js';
export { md5OfMessageAttributes } from '../../node_modules/fauxqs/dist/common/md5.js';
export { S3Store } from '../../node_modules/fauxqs/dist/s3/s3Store.js';
export { SnsStore } from '../../node_modules/fauxqs/dist/sns/snsStore.js';
export type { SnsSubscription, SnsTopic } from '../../node_modules/fauxqs/dist/sns/snsTypes.js';
export { createQueue } from '../../node_modules/fauxqs/dist/sqs/actions/createQueue.js';
export { deleteQueue } from '../../node_modules/fauxqs/dist/sqs/actions/deleteQueue.js';
export { getQueueAttributes } from '../../node_modules/fauxqs/dist/sqs/actions/getQueueAttributes.js';
export { getQueueUrl } from '../../node_modules/fauxqs/dist/sqs/actions/getQueueUrl.js';
export { listQueues } from '../../node_modules/fauxqs/dist/sqs/actions/listQueues.js';
export { listQueueTags } from '../../node_modules/fauxqs/dist/sqs/actions/listQueueTags.js';
export { receiveMessage } from '../../node_modules/fauxqs/dist/sqs/actions/receiveMessage.js';
export { tagQueue } from '../../node_modules/fauxqs/dist/sqs/actions/tagQueue.js';
export { untagQueue } from '../../node_modules/fauxqs/dist/sqs/actions/untagQueue.js';
export { SqsQueue, SqsStore } from '../../node_modules/fauxqs/dist/sqs/sqsStore.js';
export {
  INVALID_MESSAGE_BODY_CHAR,
  type ReceivedMessage,
  type SqsMessage,
} from '../../node_modules/fauxqs/dist/sqs/sqsTypes.js';
