/**
 * Everything that is used of fauxqs although it is not its public interface. The package exports only its servers. So
 * its files are imported by path, because Node does not allow other names than those in `exports`. So its exact version
 * is pinned in package.json.
 *
 * - The stores, because the embedded cloud reads queues, adds what they lack (sqs/store.ts, sqs/send.ts,
 *   sqs/receive.ts), and passes the same stores to fauxqs' application for SNS and S3.
 * - The actions, one function for each operation of SQS, because each call through fauxqs' server would be a second
 *   HTTP request.
 * - The errors that the actions throw, and the pattern of what a message may hold.
 *
 * Another version may move any of these; then test/localstack/internals.test.ts fails and names the missing part. If it
 * changes what one of them does, the tests of test/localstack/sqs/ and test/localstack/mapping/ fail.
 */

export { QueueDoesNotExistError, SqsError } from '../../node_modules/fauxqs/dist/common/errors.js';
export { S3Store } from '../../node_modules/fauxqs/dist/s3/s3Store.js';
export { SnsStore } from '../../node_modules/fauxqs/dist/sns/snsStore.js';
export { changeMessageVisibility } from '../../node_modules/fauxqs/dist/sqs/actions/changeMessageVisibility.js';
export { changeMessageVisibilityBatch } from '../../node_modules/fauxqs/dist/sqs/actions/changeMessageVisibilityBatch.js';
export { createQueue } from '../../node_modules/fauxqs/dist/sqs/actions/createQueue.js';
export { deleteMessage } from '../../node_modules/fauxqs/dist/sqs/actions/deleteMessage.js';
export { deleteMessageBatch } from '../../node_modules/fauxqs/dist/sqs/actions/deleteMessageBatch.js';
export { deleteQueue } from '../../node_modules/fauxqs/dist/sqs/actions/deleteQueue.js';
export { getQueueAttributes } from '../../node_modules/fauxqs/dist/sqs/actions/getQueueAttributes.js';
export { getQueueUrl } from '../../node_modules/fauxqs/dist/sqs/actions/getQueueUrl.js';
export { listQueues } from '../../node_modules/fauxqs/dist/sqs/actions/listQueues.js';
export { listQueueTags } from '../../node_modules/fauxqs/dist/sqs/actions/listQueueTags.js';
export { purgeQueue } from '../../node_modules/fauxqs/dist/sqs/actions/purgeQueue.js';
export { receiveMessage } from '../../node_modules/fauxqs/dist/sqs/actions/receiveMessage.js';
export { sendMessage } from '../../node_modules/fauxqs/dist/sqs/actions/sendMessage.js';
export { sendMessageBatch } from '../../node_modules/fauxqs/dist/sqs/actions/sendMessageBatch.js';
export { setQueueAttributes } from '../../node_modules/fauxqs/dist/sqs/actions/setQueueAttributes.js';
export { tagQueue } from '../../node_modules/fauxqs/dist/sqs/actions/tagQueue.js';
export { untagQueue } from '../../node_modules/fauxqs/dist/sqs/actions/untagQueue.js';
export { type SqsQueue, SqsStore } from '../../node_modules/fauxqs/dist/sqs/sqsStore.js';
export { INVALID_MESSAGE_BODY_CHAR, type SqsMessage } from '../../node_modules/fauxqs/dist/sqs/sqsTypes.js';
