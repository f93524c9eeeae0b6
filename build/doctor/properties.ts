import type { Intrinsics } from '../../localstack/template/intrinsics.ts';
import { TemplateError } from '../../localstack/template/template.ts';
import type { Unknown } from './model.ts';

/**
 * Reads one resource's properties. A value that cannot be resolved is noted; it does not throw, because a rule judges
 * it.
 */
export class PropertyReader {
  readonly #id: string;
  readonly #properties: unknown;
  readonly #intrinsics: Intrinsics;
  readonly #unknown: Unknown[];

  constructor(id: string, properties: unknown, intrinsics: Intrinsics, unknown: Unknown[]) {
    this.#id = id;
    this.#properties = properties;
    this.#intrinsics = intrinsics;
    this.#unknown = unknown;
  }

  /**
   * A whole number, which may be written as a string.
   * @param path such as `RedrivePolicy.maxReceiveCount`
   * @returns `fallback` where the property is absent, NaN where the template does not give its value
   */
  whole(path: string, fallback: number): number {
    const number = this.number(path, fallback);
    if (Number.isNaN(number) || Number.isInteger(number)) return number;
    return this.#note(path, `${number} is not a whole number`, true);
  }

  /** Like `whole`, but with fractions. */
  number(path: string, fallback: number): number {
    const value = this.value(path);
    if (value === undefined) return fallback;
    if (value === UNTOLD) return Number.NaN;
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof number === 'number' && !Number.isNaN(number)) return number;
    return this.#note(path, `${JSON.stringify(value)} is not a number`, true);
  }

  /** The text after resolving; undefined where it is absent or cannot be resolved. */
  text(path: string): string | undefined {
    const value = this.value(path);
    return typeof value === 'string' ? value : undefined;
  }

  /** Whether the property is `true`, which may be written as a string. */
  flag(path: string): boolean {
    return String(this.value(path)) === 'true';
  }

  /** @returns undefined where the property is absent, UNTOLD where it cannot be resolved */
  value(path: string): unknown {
    let value = this.#properties;
    try {
      // Step by step, because only the one variable that is asked for must be resolvable, not the whole environment.
      for (const key of path.split('.')) {
        if (isIntrinsic(value)) value = this.#intrinsics.resolve(value, this.#id);
        value = isObject(value) ? value[key] : undefined;
      }
      return this.#intrinsics.resolve(value, this.#id);
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      this.#note(path, error.message.replace(`${this.#id}: `, ''), false);
      return UNTOLD;
    }
  }

  #note(property: string, why: string, invalid: boolean): number {
    this.#unknown.push({ resource: this.#id, property, why, invalid });
    return Number.NaN;
  }
}

/** The value exists, but the template alone does not give it. */
export const UNTOLD = Symbol('untold');

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

function isIntrinsic(value: unknown): boolean {
  if (!isObject(value)) return false;
  const names = Object.keys(value);
  return names.length === 1 && /^(Ref|Fn::.+)$/.test(names[0] as string);
}
