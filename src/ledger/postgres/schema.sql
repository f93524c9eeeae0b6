-- The table that the store `postgres` writes: run once for each stage, as the owner of the stage's database or schema.
-- Everything here may be run again.

CREATE TABLE IF NOT EXISTS processed_messages (
  -- The idempotency key in UTF-8, 1 to 2,048 bytes; as bytes, since a text cannot hold U+0000. The constraint is what makes a
  -- job's result one. By hand: WHERE message_id = 'some-job-id', and convert_from(message_id, 'UTF8').
  message_id     bytea   PRIMARY KEY CHECK (octet_length(message_id) <= 2048),
  -- running: a lease. failed: waits for the next receive. dead: ended in the dead-letter queue. done: has its result.
  status         text    NOT NULL CHECK (status IN ('running', 'failed', 'dead', 'done')),
  type           text    NOT NULL,
  fingerprint    text    NOT NULL,
  owner          text    NOT NULL,
  fencing_token  bigint  NOT NULL,
  -- Counts the writes of this row: a take-over names the one that it stood on.
  version        bigint  NOT NULL,
  -- Milliseconds since 1970; 0 without a lease.
  lease_until    bigint  NOT NULL,
  -- The SQS message whose runs are counted.
  sqs_message_id text    NOT NULL,
  runs           integer NOT NULL,
  receives       integer NOT NULL,
  alone_runs     integer NOT NULL,
  error          text,
  -- ISO 8601, UTC.
  failed_at      text,
  retry_at       text,
  claimed_at     text,
  completed_at   text,
  -- Seconds since 1970: when the job was done, and when the row counts as absent.
  processed_at   bigint,
  ttl            bigint  NOT NULL,
  -- JSON as the handler returned it: text, since jsonb changes the order of keys and rounds numbers. NULL: only the fact is kept.
  result         text,
  -- What the job hands over to the next step, until it is known to be sent; and when that was.
  hand_over      text,
  handed_over_at text
);

-- For a table that was created before jobs could hand over.
ALTER TABLE processed_messages
  ADD COLUMN IF NOT EXISTS hand_over text,
  ADD COLUMN IF NOT EXISTS handed_over_at text;

-- For the statement that deletes expired rows.
CREATE INDEX IF NOT EXISTS processed_messages_ttl ON processed_messages (ttl);

-- Expired rows count as absent, deleted or not. To be run now and then, such as hourly, until it deletes none (SKIP LOCKED: it
-- waits for no job, and no job for it):
--
--   DELETE FROM processed_messages WHERE message_id IN (
--     SELECT message_id FROM processed_messages WHERE ttl < extract(epoch FROM now())
--     LIMIT 10000 FOR UPDATE SKIP LOCKED);
--
-- What the functions' role needs, and a limit for statements whose function was killed:
--
--   GRANT SELECT, INSERT, UPDATE ON processed_messages TO sluice;
--   ALTER ROLE sluice SET statement_timeout = '10s';
