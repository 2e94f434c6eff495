/** The client and the server share no core, and every contestant has the same one. */
export const serverCore = '0';
export const clientCore = '1';
