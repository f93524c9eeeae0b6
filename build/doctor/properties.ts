import type { Intrinsics } from '../../localstack/template/intrinsics.ts';
import { TemplateError } from '../../localstack/template/template.ts';
import type { Unknown } from './model.ts';

/** Reads one resource's properties, and notes what cannot be told instead of failing: that is for a rule to judge. */
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
   * A whole number, which may stand as text.
   * @param path such as `RedrivePolicy.maxReceiveCount`
   * @returns `fallback` where the property is absent, NaN where the template does not tell it
   */
  whole(path: string, fallback: number): number {
    const number = this.number(path, fallback);
    if (Number.isNaN(number) || Number.isInteger(number)) return number;
    return this.#note(path, `${number} is not a whole number`, true);
  }

  /** As `whole`, with fractions. */
  number(path: string, fallback: number): number {
    const value = this.value(path);
    if (value === undefined) return fallback;
    if (value === UNTOLD) return Number.NaN;
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof number === 'number' && !Number.isNaN(number)) return number;
    return this.#note(path, `${JSON.stringify(value)} is not a number`, true);
  }

  /** Text as it stands after resolving; undefined where it is absent or not told. */
  text(path: string): string | undefined {
    const value = this.value(path);
    return typeof value === 'string' ? value : undefined;
  }

  /** Whether the property is `true`, which may stand as text. */
  flag(path: string): boolean {
    return String(this.value(path)) === 'true';
  }

  /** @returns undefined where the property is absent, UNTOLD where it cannot be resolved */
  value(path: string): unknown {
    let value = this.#properties;
    try {
      // Step by step: of an environment only the variable asked for needs to make sense.
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

/** A value that is there and that the template alone does not tell. */
export const UNTOLD = Symbol('untold');

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

function isIntrinsic(value: unknown): boolean {
  if (!isObject(value)) return false;
  const names = Object.keys(value);
  return names.length === 1 && /^(Ref|Fn::.+)$/.test(names[0] as string);
}
