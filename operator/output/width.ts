/** Every output fits this, wherever it is printed: in a ticket or a chat it reads as on the terminal. Characters. */
export const MAX_COLUMNS = 80;
