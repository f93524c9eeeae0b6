import { type CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { isAws } from '../../../src/failures/aws-errors.ts';

/** SQS writes the metric once a minute, and CloudWatch may have it a few minutes late. */
const WINDOW_MS = 10 * 60_000;
const PERIOD_SECONDS = 60;
/** GetMetricData takes 500 queries [API reference]. */
const MOST_QUERIES = 500;

/**
 * The latest ApproximateAgeOfOldestMessage of each queue that has one, in seconds. SQS itself does not tell it, and
 * receiving messages to find out would hide them from their consumer.
 *
 * @param onError told why there are none; not where the cloud has no metrics at all
 */
export async function oldestAges(
  cloudwatch: CloudWatchClient,
  queueNames: readonly string[],
  now: Date,
  onError: (error: Error) => void,
): Promise<ReadonlyMap<string, number>> {
  const names = queueNames.slice(0, MOST_QUERIES);
  try {
    const { MetricDataResults = [] } = await cloudwatch.send(
      new GetMetricDataCommand({
        StartTime: new Date(now.getTime() - WINDOW_MS),
        EndTime: now,
        ScanBy: 'TimestampDescending',
        MetricDataQueries: names.map((name, i) => ({ Id: `q${i}`, MetricStat: ageOf(name) })),
      }),
    );
    return new Map(
      MetricDataResults.flatMap(({ Id = '', Values: [latest] = [] }) =>
        latest === undefined ? [] : [[names[Number(Id.slice(1))] as string, latest]],
      ),
    );
  } catch (error) {
    if (!isAws((error as Error).name, 'unknownCall')) onError(error as Error);
    return new Map();
  }
}

function ageOf(name: string) {
  return {
    Metric: {
      Namespace: 'AWS/SQS',
      MetricName: 'ApproximateAgeOfOldestMessage',
      Dimensions: [{ Name: 'QueueName', Value: name }],
    },
    Period: PERIOD_SECONDS,
    Stat: 'Maximum',
  };
}
