import { SnsError } from '../fauxqs/internals.ts';

export const invalidParameter = (reason: string) => new SnsError('InvalidParameter', `Invalid parameter: ${reason}`);
