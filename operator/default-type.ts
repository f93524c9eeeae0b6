/** The type of a message that names none, on the service's own queue: its declaration says it. */
export const DEFAULT_TYPE = 'triple';
