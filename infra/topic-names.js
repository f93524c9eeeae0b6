import { DeclarationError } from './declaration-error.js';

const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
/** The topic that receives every alarm: alarm-topic.js. */
const OWN = ['alarm', 'alarms'];

/**
 * The short names of the topics that `custom.topics` and the patterns declare. An entry has no keys.
 *
 * @param {Record<string, unknown>} declared
 * @returns {string[]}
 * @throws {DeclarationError} for a name that cannot be a topic's, and for an entry with keys
 */
export function topicNames(declared) {
  for (const [name, entry] of Object.entries(declared)) {
    const place = `custom.topics.${name}`;
    if (!NAME.test(name)) {
      throw new DeclarationError(
        `${place}: a topic's name starts with a lower-case letter, and has lower-case letters, digits and single hyphens`,
      );
    }
    if (OWN.includes(name))
      throw new DeclarationError(`${place}: that is the topic of the alarms. Choose another name`);
    if (JSON.stringify(entry ?? {}) !== '{}') {
      throw new DeclarationError(
        `${place} must be {}: a topic has no keys. A queue subscribes with topic: ${name}, and filters with filter`,
      );
    }
  }
  return Object.keys(declared);
}
