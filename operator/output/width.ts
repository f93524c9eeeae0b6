/** The width of all output, in characters. It is fixed, so that output pasted into a ticket or chat stays readable. */
export const MAX_COLUMNS = 80;
