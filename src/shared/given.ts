/**
 * What `for await` takes from a stream of ours, with its type. To be a `NodeJS.ReadableStream` for `pipeline`, a stream would have
 * to give texts or bytes; one that also gives `never` passes for that, and `for await` takes no type from it.
 */
export type Given<T> = NodeJS.AsyncIterator<T> & NodeJS.AsyncIterator<never>;
