/** The client and the server have one core each, and every contestant has the same one. */
export const serverCore = '0';
export const clientCore = '1';
