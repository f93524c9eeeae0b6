import { hash } from 'node:crypto';
import type { Command } from './connection.ts';

/** A script runs as one: no other command sees it half done. It touches one key, so that it runs wherever that key is. */
export interface Script {
  readonly text: string;
  readonly sha: string;
}

const script = (text: string): Script => ({ text, sha: hash('sha1', text) });

/** Writes a hash where no key is. ARGV: when it expires, then fields and values. Answers 1 where it was written. */
export const INSERT = script(`
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], 'fencingToken', 1, 'version', 1, unpack(ARGV, 2))
redis.call('EXPIREAT', KEYS[1], ARGV[1])
return 1`);

/**
 * Changes a hash under conditions. ARGV: when it expires, by how much the fencing token grows, then what owner, version and status
 * must be (empty: whatever it is, but for the owner), then fields and values; fields that are not named stay, but for those that
 * belong to one status. Answers 1 where it was written.
 */
export const UPDATE = script(`
local found = redis.call('HMGET', KEYS[1], 'owner', 'version', 'status')
if found[1] ~= ARGV[3] then return 0 end
if ARGV[4] ~= '' and found[2] ~= ARGV[4] then return 0 end
if ARGV[5] ~= '' and found[3] ~= ARGV[5] then return 0 end
redis.call('HDEL', KEYS[1], 'result', 'claimedAt', 'completedAt', 'handOver', 'handedOverAt')
redis.call('HINCRBY', KEYS[1], 'fencingToken', ARGV[2])
redis.call('HINCRBY', KEYS[1], 'version', 1)
redis.call('HSET', KEYS[1], unpack(ARGV, 6))
redis.call('EXPIREAT', KEYS[1], ARGV[1])
return 1`);

/** Removes a hand-over that was sent. ARGV: the owner of the result, and when. Answers 1 where that is the result. */
export const CONFIRM = script(`
local found = redis.call('HMGET', KEYS[1], 'owner', 'status')
if found[1] ~= ARGV[1] or found[2] ~= 'done' then return 0 end
redis.call('HDEL', KEYS[1], 'handOver')
redis.call('HSET', KEYS[1], 'handedOverAt', ARGV[2])
return 1`);

/** What makes the server know the scripts; travels before their first use on a connection. */
export const LOAD: readonly Command[] = [INSERT, UPDATE, CONFIRM].map(({ text }) => ['script', 'LOAD', text]);
